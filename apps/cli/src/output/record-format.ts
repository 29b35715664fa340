import { stringify } from "csv-stringify/sync";
import { UsageError } from "../flags/usage-error.ts";
import { isObject } from "../json.ts";

/** The format of records. */
export interface RecordFormat {
  /** The text before the first record. */
  readonly head: string;
  text(record: object): string;
}

export const jsonLines: RecordFormat = { head: "", text: (record) => `${JSON.stringify(record)}\n` };

/** Whether the name of an output asks for a table. */
export function isTable(path: string): boolean {
  return /\.[ct]sv$/i.test(path);
}

/** The columns of a table, each with its path in a record. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  response: ["response"],
  reasoning: ["metadata", "reasoning"],
  tool_calls: ["tool_calls"],
  function_call: ["function_call"],
  refusal: ["refusal"],
  choices: ["choices"],
  finish_reason: ["metadata", "finish_reason"],
  prompt_tokens: ["metadata", "prompt_tokens"],
  completion_tokens: ["metadata", "completion_tokens"],
  usage: ["metadata", "usage"],
  cache_hit: ["cache_hit"],
  key: ["key"],
  error: ["error", "message"],
  error_code: ["error", "code"],
  error_status: ["error", "status"],
};

export interface TableFlags {
  /** The names of the members of the input that go to the output. */
  readonly keep: Readonly<Record<string, string>>;
  readonly withPrompt?: boolean;
  readonly samples?: number;
}

/**
 * A table with one row for each record (CSV, or with tabs if the path ends in `.tsv`). A value that is not a text or a number
 * is in its cell as JSON.
 * @throws {UsageError} if two columns would have the same name
 */
export function table(path: string, { keep, withPrompt, samples }: TableFlags): RecordFormat {
  const kept = Object.values(keep);
  const taken = kept.find((name) => Object.hasOwn(COLUMNS, name) || name === "messages");
  if (taken !== undefined) {
    throw new UsageError(
      `--keep: ${path} has a column "${taken}" of its own. --keep ${taken}=input_${taken} renames yours.`,
    );
  }
  const columns: Array<readonly [name: string, at: readonly string[]]> = [
    ["id", ["id"]],
    ...(samples === undefined ? [] : [["sample", ["sample"]] as const]),
    ...kept.map((name) => [name, [name]] as const),
    ...(withPrompt ? [["messages", ["metadata", "prompt"]] as const] : []),
    ...Object.entries(COLUMNS),
  ];
  const row = (cells: readonly unknown[]): string =>
    stringify([[...cells]], { delimiter: /\.tsv$/i.test(path) ? "\t" : ",", quoted_match: /\r/ });
  return {
    head: row(columns.map(([name]) => name)),
    text: (record) => row(columns.map(([, at]) => cellOf(valueAt(record, at)))),
  };
}

function valueAt(record: object, path: readonly string[]): unknown {
  return path.reduce((value: unknown, name) => (isObject(value) ? value[name] : undefined), record);
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
