import type { ChatCompletion, ChatRequest } from "../chat/chat-completion.ts";

/** What a provider is told about the callers of one request. */
export interface GenerateContext {
  /** Aborted when nobody waits for the answer any more. Its reason is what `generate` should reject with. */
  readonly signal: AbortSignal;
  /**
   * Milliseconds until the last caller's `timeoutMs` is used up; `Infinity` where somebody waits without one. Ask again
   * when it matters: callers come and go. It lets a provider give up at once instead of sleeping towards a limit.
   */
  readonly remainingMs?: () => number;
}

/**
 * Turns one request into one answer. Retries, the time limit of an attempt and credentials are its business; caching
 * never is. A plugin is an object literal with these members.
 */
export interface LLMProvider {
  readonly specVersion: 1;
  /** Names the provider in errors and events. */
  readonly id: string;
  /** Whose model it is: part of the key, so that two servers never share an answer. Undefined for the default OpenAI endpoint. */
  readonly scope?: string;
  /** The same request without what this provider would send anyway. Used for the key alone. */
  canonical?(request: ChatRequest): ChatRequest;
  /**
   * Sends the request, every member by its name, and gives the whole answer.
   * Rejects with a `ProviderError`, or with the signal's reason once that is aborted.
   */
  generate(request: ChatRequest, context: GenerateContext): Promise<ChatCompletion>;
  close?(): Promise<void>;
}
