import type { ChatCompletion, ChatRequest } from "./chat-completion.ts";
import type { DeferredApi } from "./deferred-api.ts";
import type { ChatCompletionChunk } from "./stream/completion-chunk.ts";

/** The context of one request of a provider. */
export interface GenerateContext {
  /** Aborted when no caller waits for the answer any more. `generate` should then reject with its reason. */
  readonly signal: AbortSignal;
  /**
   * Milliseconds until the last caller's `timeoutMs` is used up; `Infinity` if a caller has none. Call it before each wait,
   * because callers join and leave. With it, a provider rejects at once instead of sleeping past the limit.
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
  /**
   * Separates its models from models of the same name elsewhere. It is in the key, so that two servers never share an
   * answer. Undefined for the default OpenAI endpoint.
   */
  readonly scope?: string | undefined;
  /** Returns the request without the members that this provider adds to every request. Used only for the key. */
  canonical?(request: ChatRequest): ChatRequest;
  /**
   * Sends every member of the request by its name, and returns the whole answer. Rejects with a `ProviderError`, or with the
   * signal's reason once that is aborted.
   */
  generate(request: ChatRequest, context: GenerateContext): Promise<ChatCompletion>;
  /**
   * Sends the same request for a stream, and yields the chunks of the answer as they arrive, as parsed JSON. It also asks
   * the server for the usage, which the client hides from callers that did not ask for it. It need not check that the answer
   * is complete: the client does. It throws as `generate` rejects, after the chunks that have arrived. It retries only
   * before the first chunk. If left out, callers of `client.stream` get the answer of `generate` in chunks, once it is
   * complete.
   */
  stream?(request: ChatRequest, context: GenerateContext): AsyncIterable<ChatCompletionChunk>;
  /** The server's Batch API, which answers later at a lower price. If left out, `client.deferred` rejects. */
  readonly deferred?: DeferredApi | undefined;
  /** Releases what the provider holds. Called once, when the last client that uses it closes. */
  close?(): Promise<void>;
}
