import { type AskContext, askStream, type JsonObject } from "@remem/core";
import { raceSignal } from "@remem/core/plugin";
import type { Fetched } from "../request/fetched.ts";
import { keptHeaders, withoutTransfer } from "../response/kept-headers.ts";
import type { ListSurface } from "../surfaces/embeddings/list-surface.ts";
import type { HttpSurface, StreamFormat } from "../surfaces/http-surface.ts";
import { accountOf } from "../surfaces/scope.ts";
import type { InTurn } from "./in-turn.ts";
import { failed, refused } from "./refusal.ts";

/** The data that is kept beside an answer. */
export interface Kept {
  /** When the answer came, in Unix milliseconds. */
  readonly at: number;
  /** The headers that a hit has, too. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer with its kept data. The member is the cache's own: no server and no caller sees it. */
type WithKept<Answer> = Answer & { readonly remem: Kept };

/** The server of a request. */
export interface Upstream {
  readonly fetched: Fetched;
  readonly fetch: typeof globalThis.fetch;
  /** Names the server in errors. */
  readonly provider: string;
  /** Separates models of the same name on different servers. */
  readonly scope: string | undefined;
  /** Keeps to the limits. Undefined if there are none. */
  readonly inTurn: InTurn | undefined;
}

export interface Asked extends Upstream {
  readonly kind: HttpSurface<object, object>;
  /** The request as it is keyed. */
  readonly request: object;
}

/** Asks for a whole answer. */
export function askWhole(asked: Asked, context: AskContext): Promise<WithKept<object>> {
  return askOne(asked, context, async ({ signal }) => {
    const response = await sent(asked, signal);
    return withHeaders(await wholeIn(asked, response, signal), response.headers);
  });
}

/** Asks for the items at these places together. */
export function askForItems<Answer extends object>(
  upstream: Upstream,
  kind: ListSurface<object, Answer>,
  places: readonly number[],
  context: AskContext,
): Promise<ReadonlyArray<WithKept<Answer>>> {
  const body = kind.bodyFor(upstream.fetched.body, places);
  const asking = {
    ...aboutServer(upstream),
    surface: kind.surface,
    request: body,
    answersIn: (answers: ReadonlyArray<WithKept<Answer>>) => answers,
    shown: (answers: ReadonlyArray<WithKept<Answer>>) => kind.join(answers.map(withoutKept), body),
    async ask({ signal }: AskContext) {
      const response = await sent(upstream, signal, body);
      const answers = await answerIn(upstream, response, signal, (given) => kind.split(given, places.length));
      return answers.map((answer) => withHeaders(answer, response.headers));
    },
  };
  return upstream.inTurn === undefined ? asking.ask(context) : upstream.inTurn(asking, context);
}

/** Asks for a stream, announces its headers, publishes its chunks, and returns the answer that they add up to. */
export function askForStream(asked: Asked, format: StreamFormat, context: AskContext): Promise<WithKept<object>> {
  return askOne(asked, context, (turn) => streamedAnswer(asked, format, turn));
}

async function streamedAnswer(asked: Asked, format: StreamFormat, context: AskContext): Promise<WithKept<object>> {
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

function askOne(
  asked: Asked,
  context: AskContext,
  ask: (context: AskContext) => Promise<WithKept<object>>,
): Promise<WithKept<object>> {
  const { inTurn, request, kind } = asked;
  if (inTurn === undefined) return ask(context);
  const { surface } = kind;
  return inTurn(
    { ...aboutServer(asked), surface, request, answersIn: (one) => [one], shown: withoutKept, ask },
    context,
  );
}

/** Servers limit each account separately. */
function aboutServer({ fetched, scope, provider }: Upstream): { readonly account: string; readonly provider: string } {
  const { url, headers } = fetched;
  return { account: `${scope ?? url.origin} ${accountOf(url, headers)}`, provider };
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

/** The answer in a response. Any other response goes to the callers unchanged. */
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
  const json = parsed(body);
  const answer = response.status === 200 ? read(json) : undefined;
  if (answer !== undefined) return answer;
  const { status, statusText, headers } = response;
  throw refused(provider, { status, statusText, headers: withoutTransfer(headers), body }, json);
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

function withoutKept<Answer extends object>(answer: WithKept<Answer>): Answer {
  const { remem: _, ...others } = answer;
  return others as object as Answer;
}

function isJson(contentType: string | null): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType ?? "");
}
