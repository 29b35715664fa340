import { stat } from "node:fs/promises";
import { type InferFailure, type InferRequest, type InferResult, type JsonValue, parseJson } from "remem";
import { type ColumnFlags, columnsOf } from "./columns.ts";
import { inFlags } from "./in-flags.ts";
import { linesOf, openInput, type TextLine } from "./lines.ts";
import { UsageError } from "./usage-error.ts";

/** A line of a batch: its request, and the format of its answer. */
export interface BatchLine {
  /** For an invalid line, a request that will be refused, so that its failure takes its place among the answers. */
  readonly item: InferRequest;
  /** What is wrong with an invalid line. */
  readonly problem?: string;
  record(result: InferResult | InferFailure): object;
}

const ENDPOINT = "/v1/chat/completions";

type Members = { readonly [name: string]: JsonValue | undefined };

/** @throws {UsageError} where a plain line has a member that is neither known nor named by a flag */
export function parseLine({ number, text, problem }: TextLine, flags: ColumnFlags): BatchLine {
  if (problem !== undefined) return badLine(number, {}, problem);
  let line: unknown;
  try {
    line = parseJson(text); // A seed may have more digits than a number holds.
  } catch (error) {
    return badLine(number, {}, `is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(line)) return badLine(number, {}, "is not a JSON object");
  if ("body" in line || "custom_id" in line) return parseBatchLine(number, withSource(line, "custom_id", text));
  return parsePlainLine(number, withSource(line, "id", text), flags);
}

/**
 * Reads a file once before the run, so that nothing is sent where a line will stop it, and returns the number of its lines.
 * Undefined for what can be read only once, which is checked line by line.
 * @throws {UsageError}
 */
export async function checkLines(path: string, flags: ColumnFlags): Promise<number | undefined> {
  if (path === "-") return undefined;
  const file = await stat(path);
  if (file.isDirectory()) throw new UsageError(`${path} is a directory, and not a file of requests.`);
  if (!file.isFile()) return undefined;
  let count = 0;
  for await (const line of linesOf(await openInput(path))) {
    parseLine(line, flags);
    count += 1;
  }
  return count;
}

function parsePlainLine(number: number, { id, ...line }: Members, flags: ColumnFlags): BatchLine {
  const { request, kept, unknown } = columnsOf(line, flags);
  if (unknown.length > 0) throw new UsageError(unknownColumns(number, unknown));
  return {
    item: request as unknown as InferRequest,
    record: (result) => ({
      ...(id !== undefined && { id }),
      ...kept,
      ...(result.error ? failureRecord(result) : answerRecord(result)),
    }),
  };
}

function unknownColumns(number: number, names: readonly string[]): string {
  const quoted = names.map((name) => JSON.stringify(name)).join(", ");
  const list = names.join();
  return `line ${number} has ${quoted}, which no documented server takes as a parameter. --keep ${list} writes it to the output and does not send it; --send ${list} sends it.`;
}

/** The line, with a number as it is written: it comes back in the output, and may have more digits than a number holds. */
function withSource(line: Members, name: "id" | "custom_id", text: string): Members {
  if (typeof line[name] !== "number") return line;
  const source = FIRST_NUMBER.exec(text)?.groups;
  const written = source?.name === name && Number(source.value) === line[name] ? source.value : sourceOf(name, text);
  return written === undefined ? line : { ...line, [name]: rawJSON(written) };
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

/** Newer than TypeScript's declarations. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): JsonValue };

/** Everything that was paid for: what is not in the text of the first choice has members of its own. */
function answerRecord({ response, metadata, cacheHit, key, completion }: InferResult): object {
  const { choices, usage } = completion;
  const { tool_calls, function_call, refusal } = choices[0]!.message;
  return {
    response,
    ...omitEmpty({ tool_calls, function_call, refusal }),
    ...(choices.length > 1 && { choices }),
    metadata: { ...metadata, ...omitEmpty({ usage }) },
    cache_hit: cacheHit,
    key,
  };
}

function omitEmpty(members: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
}

function failureRecord({ error, key }: InferFailure): object {
  const status = statusOf(error);
  const { code } = error;
  const message = inFlags(error.message);
  return {
    error: { code, message, ...(status !== undefined && { status }) },
    cache_hit: false,
    ...(key !== undefined && { key }),
  };
}

/** OpenAI's Batch format: https://platform.openai.com/docs/api-reference/batch */
function parseBatchLine(number: number, line: Members): BatchLine {
  const { custom_id = null, method = "POST", url = ENDPOINT, body } = line;
  const id = { id: `batch_req_${number}`, custom_id };
  if (method !== "POST") return badLine(number, id, `has the method ${JSON.stringify(method)}; it must be POST`);
  if (!isEndpoint(url)) return badLine(number, id, `has the url ${JSON.stringify(url)}; it must be ${ENDPOINT}`);
  if (!isObject(body)) return badLine(number, id, "has a body that is not an object");
  return {
    item: body as unknown as InferRequest,
    record: (result) => ({ ...id, ...(result.error ? batchFailure(result) : batchAnswer(result)) }),
  };
}

/** Azure's batches have `/chat/completions`, and those of other tools a slash at the end or the whole address. */
function isEndpoint(url: unknown): boolean {
  return typeof url === "string" && /^(https?:\/\/[^?#]+)?\/([\w./-]+\/)?chat\/completions\/?([?#].*)?$/.test(url);
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
  // A 200 that holds no answer is no response that a program could read.
  const response = status === undefined || status < 400 ? null : { status_code: status, request_id: null, body };
  return { response, error: { code, message }, cache_hit: false };
}

function badLine(number: number, id: object, problem: string): BatchLine {
  const message = `Line ${number} ${problem}.`;
  const error = { code: "INVALID_REQUEST", message };
  const envelope = "custom_id" in id ? { ...id, response: null } : {};
  return { item: {} as InferRequest, problem: message, record: () => ({ ...envelope, error, cache_hit: false }) };
}

function statusOf(error: object): number | undefined {
  return "status" in error && typeof error.status === "number" ? error.status : undefined;
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
