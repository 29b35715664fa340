import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { UsageError } from "../flags/usage-error.ts";
import { NOT_UTF8, textOf } from "./utf8.ts";

/** A row below the header: its cells by the names of their columns. */
export interface CsvRow {
  /** The line in which the row begins, counted from 1. */
  readonly number: number;
  readonly cells: Readonly<Record<string, string>>;
  /** The reason why the row cannot be read. */
  readonly problem?: string;
}

interface Parsed {
  readonly record: readonly Buffer[];
  /** `lines`: the line in which the record ends. */
  readonly info: { readonly lines: number };
}

/**
 * Yields the rows of a table whose first row names its columns. The default delimiter is the one of `,`, `;` and tab that
 * occurs most often in the first line.
 * @throws {UsageError} if the text is not such a table
 */
export async function* csvRows(
  bytes: AsyncIterable<Buffer>,
  delimiter?: "\t",
): AsyncGenerator<CsvRow, void, undefined> {
  const source = bytes[Symbol.asyncIterator]();
  const start = await firstLine(source);
  const parser = parse({
    delimiter: delimiter ?? delimiterOf(start),
    encoding: null, // Cells are bytes: the parser would replace invalid UTF-8.
    info: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  pipeline(Readable.from(joined(start, source), { objectMode: false }), parser, () => {});
  let names: readonly string[] | undefined;
  let end = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      const number = end + 1;
      end = info.lines;
      if (names === undefined) names = namesOf(record);
      else yield rowOf(number, names, record);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const reason = error.code === "CSV_QUOTE_NOT_CLOSED" ? "a quoted cell is never closed" : error.message;
    throw new UsageError(`the input is not CSV: ${reason} (after line ${end}).`, { cause: error });
  }
}

function rowOf(number: number, names: readonly string[], record: readonly Buffer[]): CsvRow {
  if (record.length > names.length) {
    const problem = `has ${record.length} cells, and the header names ${names.length} columns; cells with a delimiter need quotes`;
    return { number, cells: {}, problem };
  }
  const cells: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const bytes = record[index];
    const text = bytes === undefined ? "" : textOf(bytes);
    if (text === undefined) return { number, cells: {}, problem: NOT_UTF8 };
    Object.defineProperty(cells, name, { value: text, enumerable: true });
  }
  return { number, cells };
}

function namesOf(record: readonly Buffer[]): readonly string[] {
  const names = record.map((bytes, index) => textOf(bytes)?.trim() || `column ${index + 1}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`the header of the input names the column "${twice}" twice.`);
  return names;
}

const LF = 0x0a;
const CR = 0x0d;
/** With it the parser would return texts instead of bytes. */
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reads until a line has ended, without a byte-order mark. */
async function firstLine(source: AsyncIterator<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let next = await source.next(); !next.done; next = await source.next()) {
    parts.push(next.value);
    if (next.value.includes(LF) || next.value.includes(CR)) break;
  }
  const start = Buffer.concat(parts);
  return start.subarray(start.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0);
}

async function* joined(start: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield start;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/** The delimiter of the header. European spreadsheets write semicolons. */
function delimiterOf(start: Buffer): string {
  const [header = ""] = start
    .toString("latin1")
    .replace(/"[^"]*"/g, "")
    .split(/[\r\n]/, 1);
  const counts = [",", ";", "\t"].map((delimiter) => [header.split(delimiter).length, delimiter] as const);
  return counts.reduce((most, next) => (next[0] > most[0] ? next : most))[1];
}
