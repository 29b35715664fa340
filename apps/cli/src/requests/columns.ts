import type { JsonValue } from "remem";
import { UsageError } from "../flags/usage-error.ts";
import type { Members } from "../json.ts";

export interface ColumnFlags {
  /** Members of plain lines that go to the output and are not sent, by the names that they have there. */
  readonly keep: Readonly<Record<string, string>>;
  /** Members that are sent, although no documented server is known to take them. */
  readonly send: readonly string[];
}

/** The members of a plain line by their use. */
export interface Columns {
  readonly kept: Members;
  readonly request: Members;
  /** Neither a parameter, nor named by a flag: both sending and dropping such a member would be a guess. */
  readonly unknown: readonly string[];
}

/** The members of an output record, which no column may replace. */
const OURS = [
  "id",
  "prompt",
  "response",
  "tool_calls",
  "function_call",
  "refusal",
  "choices",
  "metadata",
  "cache_hit",
  "key",
  "error",
];

/** @throws {UsageError} if the output would have two members of the same name */
export function checkColumnFlags({ keep, send }: ColumnFlags): void {
  const outputs = Object.entries(keep);
  for (const [name, output] of outputs) {
    if (OURS.includes(output)) {
      const problem = `--keep ${name}: the records of the output have a member "${output}".`;
      throw new UsageError(`${problem} --keep ${name}=input_${name} writes it under another name.`);
    }
    const other = outputs.find(([other, taken]) => taken === output && other !== name);
    if (other !== undefined) throw new UsageError(`--keep would write "${other[0]}" and "${name}" to "${output}".`);
    if (send.includes(name)) throw new UsageError(`--keep ${name} and --send ${name} contradict each other.`);
  }
}

/** Sorts the members of a line. Those in `used` are part of its messages; `isSent` tells what is sent without a flag. */
export function columnsOf(
  line: Members,
  { keep, send }: ColumnFlags,
  used: ReadonlySet<string>,
  isSent: (name: string) => boolean,
): Columns {
  const kept: Record<string, JsonValue | undefined> = {};
  const request: Record<string, JsonValue | undefined> = {};
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(line)) {
    const output = Object.hasOwn(keep, name) ? keep[name] : undefined;
    if (output !== undefined) kept[output] = value;
    else if (used.has(name)) continue;
    else if (isSent(name) || send.includes(name)) request[name] = value;
    else unknown.push(name);
  }
  return { kept, request, unknown };
}
