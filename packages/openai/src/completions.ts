import {
  type ChatCompletionChunk,
  type ChatRequest,
  createRedact,
  createTimeout,
  type GenerateContext,
  type LLMProvider,
  ProviderError,
  type Redact,
  type RememError,
  raceSignal,
} from "@remem/core/plugin";
import { type OpenAnswer, openAnswer } from "./answer/open-answer.ts";
import { readCompletion } from "./answer/read-completion.ts";
import { readStream, type StreamLimits } from "./answer/read-stream.ts";
import { boundedFetch } from "./client/bounded-fetch.ts";
import type { ChatClient } from "./client/chat-client.ts";
import { type AnswerContext, stalled } from "./errors/answer-errors.ts";
import { defaultHint, type ErrorHint } from "./errors/error-hint.ts";
import { toProviderError } from "./errors/provider-error.ts";
import { asRateLimit } from "./errors/rate-limit.ts";

export interface CompletionsOptions {
  readonly id: string;
  readonly server?: string | undefined;
  readonly timeoutMs: number;
  readonly timeoutOption?: string | undefined;
  readonly maxResponseBytes?: number | undefined;
  secrets?(): ReadonlyArray<string | undefined>;
  readonly hint?: ErrorHint | undefined;
  /** Opens the client for one call. What it fetches for the call must go through `around`. */
  open(around: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch): Promise<OpenClient>;
}

export interface OpenClient {
  readonly client: ChatClient;
  /** Runs the call. */
  within<T>(call: () => T): T;
}

/** The part of a provider that asks a server. */
export type Completions = Required<Pick<LLMProvider, "generate" | "stream">>;

/** One call of the client. */
interface Session {
  /** Sends the request, and resolves when its answer can be read. */
  send(request: ChatRequest): Promise<OpenAnswer>;
  readonly about: Omit<AnswerContext, "status">;
  /** Converts an error of the call. `isBegun`: a part of the answer has been given, so the call cannot be repeated. */
  failed(error: unknown, isBegun: boolean): unknown;
}

/** Creates the `generate` and `stream` of a provider that asks through an `openai` client. */
export function completions(options: CompletionsOptions): Completions {
  const { id, timeoutMs, timeoutOption = "`timeoutMs`", maxResponseBytes: maxBytes = 32 * 1024 * 1024 } = options;
  const { open, secrets, hint = defaultHint, server = "" } = options;
  let refusesStreamOptions = false;

  async function begin({ signal, remainingMs, pace }: GenerateContext, streams: boolean): Promise<Session> {
    signal.throwIfAborted();
    const longestWaitMs = (): number => Math.min(timeoutMs, remainingMs?.() ?? timeoutMs);
    const bounded = boundedFetch({
      streams,
      longestWaitMs,
      maxBytes,
      server,
      waitsElsewhere: () => waitsElsewhere,
      onUsedUp: (waitMs) => pace?.(waitMs),
    });
    const { client, within } = await open(bounded.around);
    // A client that must not retry has no rate limit waited out either.
    const waitsElsewhere = pace !== undefined && (client as { maxRetries?: unknown }).maxRetries !== 0;
    const redact: Redact = (text) => createRedact(secrets?.() ?? [])(text);
    const about = { provider: id, address: `${server} ${addressOf(client)}`, redact, hint };
    return {
      about,
      send: (request) => within(() => openAnswer(client.chat.completions.create(request as never, { signal }))),
      failed(error, isBegun) {
        if (signal.aborted) return signal.reason;
        const failed = { timedOut: bounded.timedOut(), said: bounded.failure(), timeoutMs, timeoutOption };
        const thrown: RememError = toProviderError(error, { ...about, ...failed });
        return waitsElsewhere && !isBegun ? asRateLimit(thrown, bounded.waitMs()) : thrown;
      },
    };
  }

  async function* attempt(
    request: ChatRequest,
    context: GenerateContext,
  ): AsyncGenerator<ChatCompletionChunk, void, undefined> {
    const { signal } = context;
    const { send, about, failed } = await begin(context, true);
    const idle = createTimeout(timeoutMs);
    const limits: StreamLimits = {
      maxBytes,
      wait: (piece) =>
        raceSignal(
          idle(piece, () => stalled(timeoutMs, timeoutOption, id)),
          signal,
        ),
    };
    let isBegun = false;
    try {
      for await (const chunk of readStream(await raceSignal(send(request), signal), limits, about)) {
        isBegun = true;
        yield chunk;
      }
    } catch (error) {
      throw failed(error, isBegun);
    }
  }

  return {
    async generate(request, context) {
      const { send, about, failed } = await begin(context, false);
      try {
        const answer = async () => readCompletion(await send(request), maxBytes, about);
        return await raceSignal(answer(), context.signal);
      } catch (error) {
        throw failed(error, false);
      }
    },
    async *stream(request, context) {
      if (!refusesStreamOptions) {
        let isBegun = false;
        try {
          for await (const chunk of attempt(streamed(request, { include_usage: true }), context)) {
            isBegun = true;
            yield chunk;
          }
          return;
        } catch (error) {
          if (isBegun || !isAboutStreamOptions(error)) throw error;
          refusesStreamOptions = true; // Older servers do not know them.
        }
      }
      yield* attempt(streamed(request), context);
    },
  };
}

/** The request as it is sent for a stream. */
function streamed({ stream: _, stream_options: __, ...request }: ChatRequest, options?: object): ChatRequest {
  return { ...request, stream: true, ...(options && { stream_options: options }) } as ChatRequest;
}

/** Whether a server has refused a request because of its `stream_options`. */
function isAboutStreamOptions(error: unknown): boolean {
  if (!ProviderError.is(error) || (error.status !== 400 && error.status !== 422)) return false;
  return /stream_options|include_usage/.test(error.message);
}

function addressOf(client: object): string {
  const { baseURL } = client as { baseURL?: unknown };
  return typeof baseURL === "string" ? baseURL : "";
}
