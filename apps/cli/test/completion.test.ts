import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lacks } from "@remem/test-support/server-process";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { describe, expect, test } from "vitest";
import { workspace } from "./support/remem.ts";

type Complete = (line: string, expected: string) => string[];

/** Shells that complete the last word of a line, in a directory with the file `questions.jsonl`. */
const SHELLS: Readonly<Record<string, (script: string, directory: string) => Complete>> = {
  bash: (script, directory) => (line) => {
    const words = line.split(" ").map((word) => `'${word}'`);
    const program = `source ${script}; source ${script}
      COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _remem; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf("bash", ["--norc", "-u", "-c", program], directory);
  },
  // A line editor needs a terminal, and shows candidates instead of naming them.
  zsh: (script, directory) => (line, expected) => {
    const program = `zmodload zsh/zpty; zpty shell zsh -fi
      zpty -w shell 'PS1= RPS1=; autoload -U compinit; compinit -u -D; source ${script}; print ready'
      zpty -r shell _ $'*\\nready*'
      zpty -wn shell ${quoted(line)}$'\\t'
      zpty -r shell seen ${quoted(`*${line.slice(0, line.lastIndexOf(" ") + 1)}*${expected}*`)}; print -r -- "$seen"`;
    return linesOf("zsh", ["-f", "-c", program], directory).flatMap((text) => text.split(/\s+/));
  },
  fish: (script, directory) => (line) => {
    const program = `source ${script}; complete -C ${quoted(line)}`;
    return linesOf("fish", ["--no-config", "-c", program], directory).map((text) => text.split("\t")[0]!);
  },
};

describe.each(Object.entries(SHELLS))("in %s", (shell, open) => {
  const isThere = spawnSync(shell, ["--version"]).status === 0;
  if (!isThere) lacks(`No ${shell}: its completion is not tested.`, shell);

  test.skipIf(!isThere).for([
    ["remem ba", "batch"],
    ["remem comp", "completion"],
    ["remem help ver", "verify"],
    ["remem batch --conc", "--concurrency"],
    ["remem --ver", "--version"],
    ["remem batch --cache relo", "reload"],
    ["remem plan --provider az", "azure"],
    ["remem ls --fin", "--finish-reason"],
    ["remem completion fi", "fish"],
    ["remem batch ques", "questions.jsonl"],
    ["remem batch -o ques", "questions.jsonl"],
    ["remem batch --template ques", "questions.jsonl"],
    ["remem batch questions.jsonl --max-f", "--max-failures"],
  ] as const)("%s completes to %s", async ([line, expected]) => {
    const { complete } = await completed(shell, open);
    expect(complete(line, expected)).toContain(expected);
  });
});

test("all commands are offered, each with its flags, and a value of which nothing is known has no candidates", async () => {
  const { complete } = await completed("bash", SHELLS.bash!);
  expect(complete("remem ", "")).toEqual(expect.arrayContaining(["ask", "batch", "plan", "explain", "ls", "stats"]));
  const own = ["--store", "--model", "--json", "--raw", "--help"];
  expect(complete("remem show --", "")).toEqual([...own, "--version", "--config", "--no-config"]);
  expect(complete("remem batch --rpm ", "")).toEqual([""]);
});

test("what is typed is never run", async () => {
  const { directory, complete } = await completed("bash", SHELLS.bash!);
  complete("remem ask $(>ran) ", "");
  expect(linesOf("ls", ["-A"], directory)).toEqual(["questions.jsonl", "script"]);
});

test("another shell is an error that names those that are known", async () => {
  const { remem } = await workspace();
  const { status, err } = await remem(["completion", "tcsh"]);
  expect(status).toBe(2);
  expect(err).toContain("Allowed choices are bash, zsh, fish");
});

/** A directory with the completion that the command has printed, and one file. */
async function completed(
  shell: string,
  open: (script: string, directory: string) => Complete,
): Promise<{ readonly directory: string; readonly complete: Complete }> {
  const { remem } = await workspace();
  const { out, status } = await remem(["completion", shell]);
  expect(status).toBe(0);
  const directory = temporaryDirectory();
  const script = join(directory, "script");
  writeFileSync(script, out);
  writeFileSync(join(directory, "questions.jsonl"), "");
  return { directory, complete: open(script, directory) };
}

function linesOf(command: string, args: readonly string[], cwd: string): string[] {
  const { stdout, stderr, status } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 20_000 });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}${stdout}`);
  return stdout.trimEnd().split("\n");
}

const quoted = (text: string): string => `'${text}'`;
