import type { InferFailure, InferRequest, InferResult, JsonValue } from "remem";
import type { Row } from "../input/rows.ts";
import { rawNumber } from "../json.ts";
import type { ColumnFlags } from "./columns.ts";

/** A line of a batch: its request, and the format of its answer. */
export interface RequestLine {
  /** Counted from 1. */
  readonly number: number;
  /** For an invalid line, a request that will be refused, so that its failure takes its place among the answers. */
  readonly item: InferRequest;
  /** The problem of an invalid line. */
  readonly problem?: string;
  /** `sample` is the number of this answer, if the line has several. */
  record(result: InferResult | InferFailure, sample?: number): object;
}

/** The flags that turn rows into requests, and answers into records. */
export interface LineFlags extends ColumnFlags {
  /** Writes the messages that were sent to the output. */
  readonly withPrompt?: boolean;
  /** The path of the output, or `-`. */
  readonly output: string;
}

/** A line that cannot be sent. Its record is `start` with the problem. */
export function badLine({ number, place }: Row, problem: string, start: object): RequestLine {
  const sentence = `${place[0]!.toUpperCase()}${place.slice(1)} ${problem}.`;
  const error = { code: "INVALID_REQUEST", message: sentence };
  return {
    number,
    item: {} as InferRequest,
    problem: sentence,
    record: (_, sample) => ({ ...start, ...sampleOf(sample), error, cache_hit: false }),
  };
}

/** The member of a record with the number of the sample. */
export function sampleOf(sample: number | undefined): object {
  return sample === undefined ? {} : { sample };
}

/** A member of a row. A number stays as it is written: it is in the output again, and may have more digits than a number holds. */
export function memberAsWritten({ members, text }: Row, name: "id" | "custom_id"): JsonValue | undefined {
  const value = members[name];
  if (typeof value !== "number" || text === undefined) return value;
  const source = FIRST_NUMBER.exec(text)?.groups;
  const written = source?.name === name && Number(source.value) === value ? source.value : sourceOf(name, text);
  return written === undefined ? value : rawNumber(written);
}

/** A number that is the first member of a line, where most have their id. A reviver takes several times as long. */
const FIRST_NUMBER = /^\s*\{\s*"(?<name>\w+)"\s*:\s*(?<value>-?[\d.eE+-]+)\s*[,}]/;

/** The text of a number in a JSON object. */
function sourceOf(name: string, text: string): string | undefined {
  const sources = new Map<unknown, string>();
  const object: unknown = JSON.parse(
    text,
    function (this: unknown, member, value, ...[context]: [{ source?: string }?]) {
      if (member === name && context?.source !== undefined) sources.set(this, context.source);
      return value;
    },
  );
  return sources.get(object);
}
