import type { ChatClient } from "./client/chat-client.ts";
import { type Completions, completions } from "./completions.ts";
import type { ErrorHint } from "./errors/error-hint.ts";
import type { CompletionsOptions } from "./session.ts";

/** The options of `chatCompletions`. */
export interface ChatCompletionsOptions {
  /** The provider's id, for errors. */
  readonly id: string;
  /** The kind of server, if its address may not tell it: servers use some error codes differently. */
  readonly server?: string | undefined;
  /**
   * The timeout of an attempt, and the longest delay between two that a server may ask for. For a stream, it limits the time to
   * the first byte, and then the longest silence.
   */
  readonly timeoutMs: number;
  /** The size limit of an answer after decompression. 32 MiB by default. */
  readonly maxResponseBytes?: number | undefined;
  /** `globalThis.fetch` by default. */
  readonly fetch?: typeof fetch | undefined;
  /** Creates the client for one call. It must use this `fetch`. */
  connect(fetch: typeof globalThis.fetch): Promise<ChatClient>;
  /** Secrets to redact from errors, besides strings that look like keys. Called when an error occurs. */
  secrets?(): ReadonlyArray<string | undefined>;
  /** Returns a hint for the message of an error. The default hints name `baseURL`, `apiKey` and `model`. */
  readonly hint?: ErrorHint | undefined;
}

/**
 * Creates the `generate` and `stream` of a provider that speaks Chat Completions through an `openai` client, whose retries apply.
 * For servers that give some answers only as a stream, set `stream: true` in the request of `generate`: the stream is assembled
 * and returned whole.
 */
export function chatCompletions(options: ChatCompletionsOptions): Completions {
  return completions(sessionsOf(options));
}

/** How the client of these options is opened. */
export function sessionsOf({ fetch, connect, ...options }: ChatCompletionsOptions): CompletionsOptions {
  return {
    ...options,
    open: async (around) => ({
      client: await connect(around(fetch ?? globalThis.fetch)),
      within: (call) => call(),
    }),
  };
}
