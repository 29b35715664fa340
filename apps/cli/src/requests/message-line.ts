import { type InferFailure, type InferRequest, type InferResult, ProviderError } from "remem";
import { inFlags } from "../flags/in-flags.ts";
import type { Row } from "../input/rows.ts";
import { isObject } from "../json.ts";
import { isTable } from "../output/record-format.ts";
import type { MessageAnswer } from "./message-answer.ts";
import { plainRecord } from "./plain-record.ts";
import { badLine, type LineFlags, memberAsWritten, type RequestLine, sampleOf } from "./request-line.ts";

/**
 * Whether a row asks Anthropic for a message, in the format of its Message Batches, `custom_id` with `params`, or in OpenAI's Batch format
 * with the address of messages.
 */
export function isMessageRow({ members, problem }: Row): boolean {
  if (problem !== undefined) return false;
  const { custom_id, params, body, url } = members;
  if (body === undefined) return custom_id !== undefined && isObject(params);
  return typeof url === "string" && /\/messages\/?(?:[?#].*)?$/.test(url);
}

/** Its answer has the format of a result of Message Batches, unless the output is a table. */
export function parseMessageLine(row: Row, flags: LineFlags): RequestLine {
  const { method = "POST", body, params = body } = row.members;
  const customId = row.problem === undefined ? (memberAsWritten(row, "custom_id") ?? null) : null;
  const inTable = isTable(flags.output);
  const start = inTable ? { id: customId } : { custom_id: customId };
  if (row.problem !== undefined) return badMessage(row, row.problem, start, inTable);
  if (!isMessageRow(row)) {
    return badMessage(
      row,
      "is no request for a message, as the first line is: give them in a file each",
      start,
      inTable,
    );
  }
  if (method !== "POST")
    return badMessage(row, `has the method ${JSON.stringify(method)}; it must be POST`, start, inTable);
  if (!isObject(params)) return badMessage(row, "has a body that is not an object", start, inTable);
  return {
    number: row.number,
    item: params as unknown as InferRequest,
    record: (result, sample) => ({
      ...start,
      ...sampleOf(sample),
      ...(inTable ? plainRecord(result, flags) : messageRecord(result)),
    }),
  };
}

function badMessage(row: Row, problem: string, start: object, inTable: boolean): RequestLine {
  const line = badLine(row, problem, start);
  if (inTable) return line;
  const result = errored("invalid_request_error", line.problem!);
  return {
    ...line,
    record: (failure, sample) => ({ ...start, result, ...without(start, line.record(failure, sample)) }),
  };
}

/** The members of a record that are not at its start. */
function without(start: object, record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !Object.hasOwn(start, name)));
}

function messageRecord(result: InferResult | InferFailure): object {
  if (!result.error) {
    const { message, cacheHit } = result as MessageAnswer;
    return { result: { type: "succeeded", message }, cache_hit: cacheHit };
  }
  const { error } = result;
  const message = inFlags(error.message);
  const { type = ProviderError.is(error) ? "api_error" : "invalid_request_error", message: words = message } =
    (error.cause ?? {}) as { readonly type?: string; readonly message?: string };
  return { result: errored(type, words), error: { code: error.code, message }, cache_hit: false };
}

function errored(type: string, message: string): object {
  return { type: "errored", error: { type: "error", error: { type, message } } };
}
