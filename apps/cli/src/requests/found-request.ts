import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import type { AskedRequest } from "@remem/inspect";
import { fetchKeys, type InferRequest } from "remem";
import { UsageError } from "../flags/usage-error.ts";
import { formatOf } from "../input/input-format.ts";
import { type Row, rowsOf } from "../input/rows.ts";
import type { Members } from "../json.ts";
import { type BodyReader, type HttpRequest, httpRequestIn, httpRequestOf } from "./http-request.ts";
import { UnknownColumnsError } from "./plain-line.ts";
import { createRequestReader, type RequestFlags } from "./read-requests.ts";
import type { RequestLine } from "./request-line.ts";

/** The values of the flags of explain if none is given. */
const NO_FLAGS = { param: {}, keep: {}, send: [], output: "-" } as const;

/** The flags that select a request of a text. */
export interface WhichFlags extends RequestFlags {
  /** The line that it is in, as messages count lines. The first request by default. */
  readonly line?: number | undefined;
}

/** A request as a text has it: over HTTP, or as the command asks it. */
export interface FoundRequest {
  readonly http?: HttpRequest | undefined;
  readonly line?: RequestLine;
}

/**
 * Reads one request: a JSON object in any layout, a line of a batch, a `curl` command or an HTTP request.
 * @throws {UsageError} for any other text
 */
export async function foundRequest(
  path: string,
  whole: string,
  flags: WhichFlags,
  base: string = "https://api.openai.com/v1",
  readBody: BodyReader = readFile,
): Promise<FoundRequest> {
  const http = httpRequestIn(whole, base, readBody);
  if (http !== undefined) return { http };
  const row = await rowIn(path, whole, flags);
  const found = row.problem === undefined ? httpRequestOf(row.members, base) : undefined;
  if (found !== undefined) return { http: found };
  const line = createRequestReader(path, flags).parse(row);
  return { line: { ...line, item: withoutStream(line.item) } };
}

/**
 * Reads a request that was pasted into a page, which has no flags.
 * @throws {UsageError} for a text that is not a request
 */
export async function pastedText(text: string, base?: string, readBody?: BodyReader): Promise<FoundRequest> {
  try {
    return await foundRequest("the text", text, NO_FLAGS, base, readBody);
  } catch (error) {
    throw error instanceof UnknownColumnsError ? new UsageError(error.problem) : error;
  }
}

/** An answer is stored whole, even if it was streamed. */
function withoutStream(item: InferRequest): InferRequest {
  const { stream: _, stream_options: __, ...others } = item as Members & InferRequest;
  return others as InferRequest;
}

/**
 * The keys under which `cachedFetch` looks for the answers.
 * @throws {UsageError} for a request that is not cached
 */
export async function keysOfHttp(
  { url, ...request }: HttpRequest,
  sample?: number | undefined,
): Promise<readonly AskedRequest[]> {
  const keys = await fetchKeys(url, request, { sample });
  if ("passes" in keys) throw new UsageError(`This request is not cached: ${keys.passes}.`);
  return keys;
}

const readFile: BodyReader = (path) => readFileSync(path, "utf8");

async function rowIn(path: string, whole: string, { line, inputFormat }: WhichFlags): Promise<Row> {
  const format = isJson(whole) ? "json" : (inputFormat ?? formatOf(path));
  let last: Row | undefined;
  for await (const row of rowsOf(Readable.from([Buffer.from(whole)], { objectMode: false }), format)) {
    if (line === undefined || row.number === line) return row;
    if (row.number > line) break;
    last = row;
  }
  if (last === undefined)
    throw new UsageError(`${path} has no request${line === undefined ? "" : ` in line ${line}`}.`);
  throw new UsageError(`${path} has no request in line ${line}; the one before begins in line ${last.number}.`);
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
