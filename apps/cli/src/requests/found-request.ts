import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import type { AskedRequest } from "@remem/inspect";
import { fetchKeys } from "remem";
import { UsageError } from "../flags/usage-error.ts";
import { formatOf } from "../input/input-format.ts";
import { type Row, rowsOf } from "../input/rows.ts";
import { type BodyReader, type HttpRequest, httpRequestIn, httpRequestOf } from "./http-request.ts";
import { createRequestReader, type RequestFlags } from "./read-requests.ts";
import type { RequestLine } from "./request-line.ts";

/** What the flags of explain are without any. */
export const NO_FLAGS = { line: 1, param: {}, keep: {}, send: [], output: "-" } as const;

/** A request as a text has it: over HTTP, or as the command asks it. */
export interface FoundRequest {
  readonly http?: HttpRequest | undefined;
  readonly line?: RequestLine;
}

/**
 * Reads one request: a JSON object in any layout, a line of a batch, a `curl` command or an HTTP request.
 * @throws {UsageError} for a text that is none of them
 */
export async function foundRequest(
  path: string,
  whole: string,
  flags: RequestFlags & { readonly line: number },
  base: string = "https://api.openai.com/v1",
  readBody: BodyReader = readFile,
): Promise<FoundRequest> {
  const http = httpRequestIn(whole, base, readBody);
  if (http !== undefined) return { http };
  const row = await rowIn(path, whole, flags);
  const found = row.problem === undefined ? httpRequestOf(row.members, base) : undefined;
  return found === undefined ? { line: createRequestReader(path, flags).parse(row) } : { http: found };
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

async function rowIn(path: string, whole: string, flags: RequestFlags & { readonly line: number }): Promise<Row> {
  const format = isJson(whole) ? "json" : (flags.inputFormat ?? formatOf(path));
  let number = 0;
  for await (const row of rowsOf(Readable.from([Buffer.from(whole)], { objectMode: false }), format)) {
    number += 1;
    if (number === flags.line) return row;
  }
  throw new UsageError(`${path} has ${number === 0 ? "no request" : `only ${number} lines`}.`);
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
