import { type AskContext, askStream, type JsonObject } from "@remem/core";
import { raceSignal } from "@remem/core/plugin";
import type { Fetched } from "../request/fetched.ts";
import { keptHeaders, withoutTransfer } from "../response/kept-headers.ts";
import type { HttpSurface, StreamFormat } from "../surfaces/http-surface.ts";
import type { ListSurface } from "../surfaces/list-surface.ts";
import { failed, refused } from "./refusal.ts";

/** What is kept beside an answer. */
export interface Kept {
  /** When the answer came, in Unix milliseconds. */
  readonly at: number;
  /** The headers that a hit has, too. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer with what is kept beside it. The member is the cache's own: no server and no caller sees it. */
type WithKept<Answer> = Answer & { readonly remem: Kept };

/** Where a request goes. */
export interface Upstream {
  readonly fetched: Fetched;
  readonly fetch: typeof globalThis.fetch;
  /** Names the server in errors. */
  readonly provider: string;
}

export interface Asked extends Upstream {
  readonly kind: HttpSurface<object, object>;
}

/** Asks for a whole answer. */
export async function askWhole(asked: Asked, { signal }: AskContext): Promise<WithKept<object>> {
  const response = await sent(asked, signal);
  return withHeaders(await wholeIn(asked, response, signal), response.headers);
}

/** Asks for the items at these places together. */
export async function askForItems<Answer extends object>(
  upstream: Upstream,
  kind: ListSurface<object, Answer>,
  places: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyArray<WithKept<Answer>>> {
  const response = await sent(upstream, signal, kind.bodyFor(upstream.fetched.body, places));
  const answers = await answerIn(upstream, response, signal, (body) => kind.split(body, places.length));
  return answers.map((answer) => withHeaders(answer, response.headers));
}

/** Asks for a stream, announces its headers, publishes its chunks, and returns the answer that they add up to. */
export async function askForStream(asked: Asked, format: StreamFormat, context: AskContext): Promise<WithKept<object>> {
  const { kind, fetched, provider } = asked;
  const { signal, announce } = context;
  let response = await sent(asked, signal, kind.streamBody?.(fetched.body));
  if (kind.streamBody !== undefined && (await isRefusedFor(response, fetched.body)))
    response = await sent(asked, signal);
  // A server that cannot stream may answer whole.
  const isWhole = isJson(response.headers.get("content-type")) && !isJson(format.contentType);
  if (!response.ok || response.body === null || isWhole) {
    return withHeaders(await wholeIn(asked, response, signal), response.headers);
  }
  announce(response.headers);
  const chunks = chunksIn(response.body, format, provider);
  return withHeaders(await askStream(kind.surface, provider, chunks, context), response.headers);
}

/** Some servers refuse `stream_options`, or members of it. */
async function isRefusedFor(response: Response, body: JsonObject): Promise<boolean> {
  if (response.status !== 400 && response.status !== 422) return false;
  return body.stream_options === undefined && (await response.clone().text()).includes("stream_options");
}

async function sent({ fetched, fetch, provider }: Upstream, signal: AbortSignal, body?: JsonObject): Promise<Response> {
  try {
    return await raceSignal(fetched.send(fetch, signal, body), signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : failed(provider, error);
  }
}

function wholeIn(asked: Asked, response: Response, signal: AbortSignal): Promise<object> {
  return answerIn(asked, response, signal, (body) => {
    const { surface } = asked.kind;
    return surface.isAnswer(body) && !("error" in body && body.error != null) ? body : undefined;
  });
}

/** The answer in a response. Anything else goes to the callers as it came. */
async function answerIn<Answer extends object>(
  { provider }: Upstream,
  response: Response,
  signal: AbortSignal,
  read: (body: unknown) => Answer | undefined,
): Promise<Answer> {
  let body: ArrayBuffer;
  try {
    body = await raceSignal(response.arrayBuffer(), signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : failed(provider, error);
  }
  const answer = response.status === 200 ? read(parsed(body)) : undefined;
  if (answer !== undefined) return answer;
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

async function* chunksIn(
  body: ReadableStream<Uint8Array>,
  format: StreamFormat,
  provider: string,
): AsyncGenerator<object, void, undefined> {
  const reader = format.reader();
  const decoder = new TextDecoder();
  const pieces = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await pieces.next().catch((error: unknown) => {
        throw failed(provider, error);
      });
      yield* reader.push(decoder.decode(value, { stream: !done }));
      if (done) break;
    }
    yield* reader.flush();
  } finally {
    await pieces.return?.();
  }
}

function withHeaders<Answer extends object>(answer: Answer, headers: Headers): WithKept<Answer> {
  return { ...answer, remem: { at: Date.now(), headers: keptHeaders(headers) } };
}

function isJson(contentType: string | null): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType ?? "");
}
