import { type AskContext, askStream, type JsonObject } from "@remem/core";
import { raceSignal } from "@remem/core/plugin";
import type { Fetched } from "../request/fetched.ts";
import { keptHeaders, withoutTransfer } from "../response/kept-headers.ts";
import type { HttpSurface, StreamFormat } from "../surfaces/http-surface.ts";
import { failed, refused } from "./refusal.ts";

/** An answer with the headers that a hit has, too. The member is the cache's own: no server and no caller sees it. */
export interface Kept {
  readonly remem?: { readonly headers: Readonly<Record<string, string>> };
}

export interface Asked {
  readonly kind: HttpSurface<object, object>;
  readonly fetched: Fetched;
  readonly fetch: typeof globalThis.fetch;
  /** Names the server in errors. */
  readonly provider: string;
}

/** Asks for a whole answer. */
export async function askWhole(asked: Asked, { signal }: AskContext): Promise<object & Kept> {
  const response = await sent(asked, signal);
  return wholeIn(asked, response, signal);
}

/**
 * Asks for a stream, publishes its chunks, and returns the answer that they add up to. `onHeaders` gets the headers, which are
 * there before the first chunk.
 */
export async function askForStream(
  asked: Asked,
  format: StreamFormat,
  context: AskContext,
  onHeaders: (headers: Headers) => void,
): Promise<object & Kept> {
  const { kind, fetched, provider } = asked;
  const { signal } = context;
  let response = await sent(asked, signal, kind.streamBody?.(fetched.body));
  if (kind.streamBody !== undefined && (await isRefusedFor(response, fetched.body)))
    response = await sent(asked, signal);
  if (!response.ok || response.body === null || isJson(response)) return wholeIn(asked, response, signal);
  onHeaders(response.headers);
  const chunks = chunksIn(response.body, format, provider);
  return withHeaders(await askStream(kind.surface, provider, chunks, context), response.headers);
}

/** Some servers refuse `stream_options`, or members of it. */
async function isRefusedFor(response: Response, body: JsonObject): Promise<boolean> {
  if (response.status !== 400 && response.status !== 422) return false;
  return body.stream_options === undefined && (await response.clone().text()).includes("stream_options");
}

async function sent({ fetched, fetch, provider }: Asked, signal: AbortSignal, body?: JsonObject): Promise<Response> {
  try {
    return await raceSignal(fetched.send(fetch, signal, body), signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : failed(provider, error);
  }
}

async function wholeIn({ kind, provider }: Asked, response: Response, signal: AbortSignal): Promise<object & Kept> {
  let body: ArrayBuffer;
  try {
    body = await raceSignal(response.arrayBuffer(), signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : failed(provider, error);
  }
  const answer = response.status === 200 ? parsed(body) : undefined;
  if (kind.surface.isAnswer(answer) && !("error" in answer && answer.error != null)) {
    return withHeaders(answer, response.headers);
  }
  const { status, statusText, headers } = response;
  throw refused(provider, { status, statusText, headers: withoutTransfer(headers), body });
}

function parsed(body: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

async function* chunksIn(body: ReadableStream<Uint8Array>, format: StreamFormat, provider: string) {
  const reader = format.reader();
  const decoder = new TextDecoder();
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await pieces.next().catch((error: unknown) => {
      throw failed(provider, error);
    });
    yield* reader.push(decoder.decode(value, { stream: !done }));
    if (done) break;
  }
  yield* reader.flush();
}

function withHeaders(answer: object, headers: Headers): object & Kept {
  const kept = keptHeaders(headers);
  return Object.keys(kept).length === 0 ? answer : { ...answer, remem: { headers: kept } };
}

function isJson({ headers }: Response): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get("content-type") ?? "");
}
