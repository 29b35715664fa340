import { createRedact, type GenerateContext, type Redact, type RememError } from "@remem/core/plugin";
import { type OpenAnswer, openAnswer } from "./answer/open-answer.ts";
import { boundedFetch } from "./client/bounded-fetch.ts";
import type { Answer, ChatClient } from "./client/chat-client.ts";
import type { AnswerContext } from "./errors/answer-errors.ts";
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
  /** Opens the client for one call. Its requests for the call must go through `around`. */
  open(around: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch): Promise<OpenClient>;
}

export interface OpenClient {
  readonly client: ChatClient;
  /** Runs the call. */
  within<T>(call: () => T): T;
}

/** One call of the client. */
export interface Session {
  /** Runs the call, and resolves when its answer can be read. */
  send(call: (client: ChatClient) => Answer): Promise<OpenAnswer>;
  readonly about: Omit<AnswerContext, "status">;
  /** Converts an error of the call. `isBegun`: the caller has a part of the answer, so the call cannot be repeated. */
  failed(error: unknown, isBegun: boolean): unknown;
  /** The wait that the server has asked for, in milliseconds. */
  waitMs(): number | undefined;
}

export const maxBytesOf = ({
  maxResponseBytes = 32 * 1024 * 1024,
}: Pick<CompletionsOptions, "maxResponseBytes">): number => maxResponseBytes;

/** Opens a client for one call. */
export async function openSession(
  options: CompletionsOptions,
  { signal, remainingMs, pace }: GenerateContext,
  streams: boolean,
): Promise<Session> {
  const { id, timeoutMs, timeoutOption = "`timeoutMs`", open, secrets, hint = defaultHint, server = "" } = options;
  const maxBytes = maxBytesOf(options);
  signal.throwIfAborted();
  const longestWaitMs = (): number => Math.min(timeoutMs, remainingMs?.() ?? timeoutMs);
  const bounded = boundedFetch({
    streams,
    signal,
    timeoutMs,
    longestWaitMs,
    maxBytes,
    server,
    waitsElsewhere: () => waitsElsewhere,
    onUsedUp: (waitMs) => pace?.(waitMs),
  });
  const { client, within } = await open(bounded.around);
  // If the client must not retry, rate limits are not waited out either.
  const waitsElsewhere = pace !== undefined && (client as { maxRetries?: unknown }).maxRetries !== 0;
  const redact: Redact = (text) => createRedact(secrets?.() ?? [])(text);
  const about = { provider: id, address: `${server} ${addressOf(client)}`, redact, hint };
  return {
    about,
    send: (call) => within(() => openAnswer(call(client))),
    failed(error, isBegun) {
      if (signal.aborted) return signal.reason;
      const failed = { timedOut: bounded.timedOut(), said: bounded.failure(), timeoutMs, timeoutOption };
      const thrown: RememError = toProviderError(error, { ...about, ...failed });
      return waitsElsewhere && !isBegun ? asRateLimit(thrown, bounded.waitMs()) : thrown;
    },
    waitMs: bounded.waitMs,
  };
}

function addressOf(client: object): string {
  const { baseURL } = client as { baseURL?: unknown };
  return typeof baseURL === "string" ? baseURL : "";
}
