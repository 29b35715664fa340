import { readFileSync } from "node:fs";
import { UsageError } from "../flags/usage-error.ts";
import { textOf } from "../input/utf8.ts";

/** A text with places for the columns of a line. */
export interface Template {
  /** The columns that it names. */
  readonly names: readonly string[];
  /** Fills in each place once. It does not fill in places that a value contains. */
  fill(columns: (name: string) => string): string;
}

const PLACE = /\{\{\s*([^{}\r\n]*?)\s*\}\}/g;

/**
 * Reads a template, in which only `{{name}}` is filled in. The line end at the end of the file, which editors add, is not part of it.
 * @throws {UsageError} if it names no column
 */
export function readTemplate(path: string): Template {
  const text = textOf(readFileSync(path))?.replace(/\r?\n$/, "");
  if (text === undefined) throw new UsageError(`--template: ${path} is not valid UTF-8.`);
  const names = [...new Set(Array.from(text.matchAll(PLACE), ([, name = ""]) => name))];
  if (names.length === 0) throw new UsageError(`--template: ${path} names no column. Write one as {{question}}.`);
  return { names, fill: (columns) => text.replace(PLACE, (_, name: string) => columns(name)) };
}
