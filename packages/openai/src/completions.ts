import {
  type ChatCompletion,
  type ChatRequest,
  createRedact,
  type GenerateContext,
  type Redact,
  raceSignal,
} from "@remem/core/plugin";
import { readCompletion } from "./answer/read-completion.ts";
import { boundedFetch } from "./client/bounded-fetch.ts";
import type { ChatClient } from "./client/chat-client.ts";
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

/** Creates the `generate` of a provider that asks through an `openai` client. */
export function completions(options: CompletionsOptions) {
  const { id, timeoutMs, timeoutOption = "`timeoutMs`", maxResponseBytes: maxBytes = 32 * 1024 * 1024 } = options;
  const { open, secrets, hint = defaultHint, server = "" } = options;
  return async function generate(request: ChatRequest, context: GenerateContext): Promise<ChatCompletion> {
    const { signal, remainingMs, pace } = context;
    signal.throwIfAborted();
    const longestWaitMs = (): number => Math.min(timeoutMs, remainingMs?.() ?? timeoutMs);
    const bounded = boundedFetch({
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

    async function ask(): Promise<ChatCompletion> {
      return readCompletion(client.chat.completions.create(request as never, { signal }), maxBytes, about);
    }

    try {
      return await raceSignal(within(ask), signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const failed = { timedOut: bounded.timedOut(), said: bounded.failure(), timeoutMs, timeoutOption };
      const thrown = toProviderError(error, { ...about, ...failed });
      throw waitsElsewhere ? asRateLimit(thrown, bounded.waitMs()) : thrown;
    }
  };
}

function addressOf(client: object): string {
  const { baseURL } = client as { baseURL?: unknown };
  return typeof baseURL === "string" ? baseURL : "";
}
