import type { InferFailure, InferRequest, InferResult, JsonValue } from "remem";
import { inFlags } from "../flags/in-flags.ts";
import type { Row } from "../input/rows.ts";
import { isObject } from "../json.ts";
import { isTable } from "../output/record-format.ts";
import { plainRecord } from "./plain-record.ts";
import { badLine, type LineFlags, memberAsWritten, type RequestLine, sampleOf } from "./request-line.ts";
import { statusOf } from "./status.ts";

const ENDPOINT = "/v1/chat/completions";

/** Whether a row has OpenAI's Batch format: https://platform.openai.com/docs/api-reference/batch */
export function isBatchRow({ members, text, problem }: Row): boolean {
  if (problem !== undefined) return text !== undefined && CUSTOM_ID.test(text);
  return "body" in members || "custom_id" in members;
}

/** Its answer has the same format, unless the output is a table. */
export function parseBatchLine(row: Row, flags: LineFlags): RequestLine {
  const { method = "POST", url = ENDPOINT, body } = row.members;
  const customId = customIdOf(row);
  const inTable = isTable(flags.output);
  const start = inTable ? { id: customId } : { id: `batch_req_${row.number}`, custom_id: customId };
  const bad = (problem: string): RequestLine => badLine(row, problem, inTable ? start : { ...start, response: null });
  if (row.problem !== undefined) return bad(row.problem);
  if (method !== "POST") return bad(`has the method ${JSON.stringify(method)}; it must be POST`);
  if (!isChatEndpoint(url)) return bad(`has the url ${JSON.stringify(url)}; it must be ${ENDPOINT}`);
  if (!isObject(body)) return bad("has a body that is not an object");
  return {
    number: row.number,
    item: body as unknown as InferRequest,
    record: (result, sample) => ({
      ...start,
      ...sampleOf(sample),
      ...(inTable ? plainRecord(result, flags) : batchRecord(result)),
    }),
  };
}

/** Finds the id of a line that cannot be parsed, such as one that was cut off. */
const CUSTOM_ID = /"custom_id"\s*:\s*("(?:[^"\\]|\\.)*"(?=[,\s}])|-?\d+(?=[,\s}]))?/;

function customIdOf(row: Row): JsonValue {
  if (row.problem === undefined) return memberAsWritten(row, "custom_id") ?? null;
  const [, written = "null"] = CUSTOM_ID.exec(row.text ?? "") ?? [];
  try {
    return JSON.parse(written) as JsonValue;
  } catch {
    return null;
  }
}

/** Azure's batches have `/chat/completions`. Batches of other programs have a slash at the end or the whole address. */
export function isChatEndpoint(url: unknown): boolean {
  return typeof url === "string" && /^(https?:\/\/[^?#]+)?\/([\w./-]+\/)?chat\/completions\/?([?#].*)?$/.test(url);
}

function batchRecord(result: InferResult | InferFailure): object {
  return result.error ? batchFailure(result) : batchAnswer(result);
}

function batchAnswer({ completion, cacheHit }: InferResult): object {
  const response = { status_code: 200, request_id: completion.id, body: completion };
  return { response, error: null, cache_hit: cacheHit };
}

/** In OpenAI's format: a response if the server sent one, and always the error as well, for programs that read only that. */
function batchFailure({ error }: InferFailure): object {
  const status = statusOf(error);
  const { code } = error;
  const message = inFlags(error.message);
  const { type = null, param = null, code: serverCode = code } = (error.cause ?? {}) as Record<string, unknown>;
  const body = { error: { message, type, param, code: serverCode } };
  // A 200 without an answer is not a response that a program could read.
  const response = status === undefined || status < 400 ? null : { status_code: status, request_id: null, body };
  return { response, error: { code, message }, cache_hit: false };
}
