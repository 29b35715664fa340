import type { Command } from "commander";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { type Words, wordsOf } from "./words.ts";
import { zshCompletion } from "./zsh.ts";

export type Shell = "bash" | "zsh" | "fish";

const WRITERS: Readonly<Record<Shell, (words: Words) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/**
 * The completion of a program in a shell. It contains all words: a shell that asked the program for them at every Tab would
 * wait for Node to start, and would have to evaluate an incomplete line.
 */
export function completionFor(shell: Shell, program: Command): string {
  return WRITERS[shell](wordsOf(program));
}
