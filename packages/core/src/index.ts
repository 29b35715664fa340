export { type CacheKeyOptions, type KeyFacts, recomputedKey } from "./cache-key.ts";
export { defaultAdmit } from "./chat/admit.ts";
export type {
  CallParams,
  ChatChoice,
  ChatCompletion,
  ChatMessage,
  ChatParams,
  ChatRequest,
  MessageInput,
} from "./chat/chat-completion.ts";
export { cacheKey } from "./chat/chat-key.ts";
export { chatSurface } from "./chat/chat-surface.ts";
export type { InferFailure, InferMetadata, InferResult } from "./chat/infer-result.ts";
export { type Client, createClient } from "./client.ts";
export type { CacheStore, FlightEnd, Flights, Lease, StoredEntry, StoreSetOptions } from "./contracts/cache-store.ts";
export type { GenerateContext, LLMProvider } from "./contracts/provider.ts";
export type { Surface, TokenCount } from "./contracts/surface.ts";
export {
  type AnswerSource,
  type AskContext,
  type CacheMode,
  type Call,
  type CallLimits,
  type CallOptions,
  createCall,
  type Outcome,
} from "./engine/call.ts";
export { createReadThrough } from "./engine/read-through.ts";
export type { ReadThrough, ReadThroughOptions } from "./engine/read-through-options.ts";
export { type CacheEntry, decodeEntry, encodeEntry } from "./entry/entry.ts";
export { putEntry, readEntry } from "./entry/stored-entry.ts";
export {
  CacheMissError,
  InvalidRequestError,
  ProviderError,
  RememError,
  type RememErrorCode,
  StoreError,
} from "./errors/errors.ts";
export type { JsonObject, JsonValue } from "./json/json-value.ts";
export type { Logger, RememEvent } from "./observe/events.ts";
export type { ClientStats } from "./observe/stats.ts";
export type { BatchOptions, BatchProgress, ClientOptions, InferEachOptions, InferOptions } from "./options.ts";
export type { InferRequest, Prompt } from "./request.ts";
export { type MemoryStoreOptions, memoryStore } from "./store/memory-store.ts";
export { tieredStore } from "./store/tiered-store.ts";
