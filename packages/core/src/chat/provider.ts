import type { ChatCompletion, ChatRequest } from "./chat-completion.ts";
import type { DeferredApi } from "./deferred-api.ts";
import type { ChatCompletionChunk } from "./stream/completion-chunk.ts";

/** The context of one request of a provider. */
export interface GenerateContext {
  /** Aborted when no caller waits for the answer any more. `generate` should then reject with its reason. */
  readonly signal: AbortSignal;
  /**
   * Milliseconds until the last caller's `timeoutMs` is used up; `Infinity` where a caller waits without one. Ask again when
   * it matters: callers come and go. It lets a provider give up at once instead of sleeping past the limit.
   */
  readonly remainingMs?: () => number;
  /**
   * Set by a client that waits for rate limits on behalf of all calls of the provider. The provider then does not retry after a
   * 429. It rejects with a `ProviderError` that is `rateLimited`. If the server reports an exhausted limit, the provider calls
   * this function, and the client sends no call for that many milliseconds. A provider that ignores this function retries by
   * itself.
   */
  readonly pace?: (waitMs: number) => void;
}

/**
 * Turns one request into one answer. It handles retries, the timeout of an attempt and credentials, and never caches.
 * A plugin is an object literal with these members.
 */
export interface LLMProvider {
  /** The version of this contract. */
  readonly specVersion: 1;
  /** Names the provider in errors and events. */
  readonly id: string;
  /** Tells its models from those of the same name elsewhere: part of the key, so that two servers never share an answer. Undefined for the default OpenAI endpoint. */
  readonly scope?: string | undefined;
  /** The same request without what this provider would send anyway. Used for the key alone. */
  canonical?(request: ChatRequest): ChatRequest;
  /**
   * Sends the request, every member by its name, and returns the whole answer.
   * Rejects with a `ProviderError`, or with the signal's reason once that is aborted.
   */
  generate(request: ChatRequest, context: GenerateContext): Promise<ChatCompletion>;
  /**
   * Sends the same request for a stream, and gives the chunks of the answer as they come, as parsed JSON. It asks the server for the
   * usage, too: the client hides it from callers that did not ask. A stream that ends before its answer is complete needs no check:
   * the client notices it.
   * Throws as `generate` rejects, after the chunks that came. It retries only before the first chunk. Left out: callers of
   * `client.stream` get the answer of `generate` in chunks, once it is whole.
   */
  stream?(request: ChatRequest, context: GenerateContext): AsyncIterable<ChatCompletionChunk>;
  /** The server's Batch API, which answers later for less. Left out: `client.deferred` refuses. */
  readonly deferred?: DeferredApi | undefined;
  /** Releases what the provider holds. Called once, when the last client that uses it closes. */
  close?(): Promise<void>;
}
