import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import split from "split2";

export interface TextLine {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
}

/** Opens the input of a command: a file, or standard input for `-`. */
export async function openInput(path: string): Promise<Readable> {
  if (path === "-") return process.stdin;
  const file = createReadStream(path);
  await once(file, "open");
  return file;
}

/** Yields the lines of a stream that are not blank, without buffering ahead of the reader. */
export async function* linesOf(input: Readable): AsyncGenerator<TextLine, void, undefined> {
  const lines = split("\n");
  input.on("error", (error) => lines.destroy(error)).on("close", () => lines.end());
  let number = 0;
  for await (const text of input.pipe(lines) as AsyncIterable<string>) {
    number += 1;
    const line = number === 1 ? text.replace(/^\ufeff/, "") : text;
    if (line.trim() !== "") yield { number, text: line };
  }
}

/** Counts the lines of a file that are not blank. */
export async function countLines(path: string): Promise<number> {
  let count = 0;
  for await (const _ of linesOf(createReadStream(path))) count += 1;
  return count;
}
