import type { Readable } from "node:stream";
import { parseJson } from "remem";
import { isObject, type Members, rawNumber } from "../json.ts";
import { csvRows } from "./csv.ts";
import type { InputFormat } from "./input-format.ts";
import { linesOf, type TextLine } from "./lines.ts";
import { bytesOf } from "./source.ts";

/** One request of an input, as it is written there. */
export interface Row {
  /** Counted from 1: the line in which it begins, or its place in a JSON array. */
  readonly number: number;
  /** Its place in words, such as `line 3`. */
  readonly place: string;
  readonly members: Members;
  /** Its JSON text. Left out for a row of CSV, whose members are all texts. */
  readonly text?: string;
  /** The reason why it cannot be read. */
  readonly problem?: string;
}

/** Yields the rows of an input. JSON lines that begin like an array may be one array. */
export async function* rowsOf(input: Readable, format: InputFormat): AsyncGenerator<Row, void, undefined> {
  if (format === "csv" || format === "tsv") {
    for await (const { number, cells, problem } of csvRows(bytesOf(input), format === "tsv" ? "\t" : undefined)) {
      yield { number, place: `line ${number}`, members: cells, ...(problem !== undefined && { problem }) };
    }
    return;
  }
  const lines = linesOf(bytesOf(input));
  const first = await lines.next();
  if (first.done) return;
  if (format === "json" || first.value.text.startsWith("[")) {
    yield* wholeOrLines(first.value, lines);
  } else {
    yield rowOf(first.value);
    for await (const line of lines) yield rowOf(line);
  }
}

async function* wholeOrLines(first: TextLine, rest: AsyncIterable<TextLine>): AsyncGenerator<Row, void, undefined> {
  const lines = [first];
  for await (const line of rest) lines.push(line);
  const items = itemsOf(lines);
  if (items === undefined) for (const line of lines) yield rowOf(line);
  else for (const [index, text] of items.entries()) yield parsed(index + 1, `item ${index + 1}`, text);
}

/** The items of an array, or the one object, as JSON text with numbers as they are written; undefined if the lines are not one value. */
function itemsOf(lines: readonly TextLine[]): string[] | undefined {
  if (lines.some(({ problem }) => problem !== undefined)) return undefined;
  try {
    const whole: unknown = JSON.parse(lines.map(({ text }) => text).join("\n"), asWritten);
    return (Array.isArray(whole) ? whole : [whole]).map((item) => JSON.stringify(item));
  } catch {
    return undefined;
  }
}

/** A reviver. Its third argument is newer than TypeScript's declarations. */
function asWritten(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  return typeof value === "number" && source !== undefined ? rawNumber(source) : value;
}

function rowOf({ number, text, problem }: TextLine): Row {
  const place = `line ${number}`;
  return problem === undefined ? parsed(number, place, text) : { number, place, members: {}, text, problem };
}

function parsed(number: number, place: string, text: string): Row {
  const bad = (problem: string): Row => ({ number, place, members: {}, text, problem });
  try {
    const members = parseJson(text); // A seed may have more digits than a number holds.
    return isObject(members) ? { number, place, members, text } : bad("is not a JSON object");
  } catch (error) {
    return bad(`is not JSON: ${(error as Error).message}`);
  }
}
