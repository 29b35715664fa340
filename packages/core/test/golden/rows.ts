import { readFileSync } from "node:fs";
import type { ChatRequest } from "../../src/index.ts";

/** A row that make-python-keys.py wrote. */
export interface GoldenRow {
  readonly request: ChatRequest;
  readonly floats: readonly string[];
  readonly canonical: string;
  readonly key: string;
  /** Pointer to a number that JavaScript cannot hold, as Python prints it. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** The rows of a file of JSON lines. */
export function rowsOf<Row>(file: string | URL): Row[] {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
}
