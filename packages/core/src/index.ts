export { type CacheKeyOptions, cacheKey } from "./cache-key.ts";
export { defaultAdmit } from "./chat/admit.ts";
export type {
  CallParams,
  ChatChoice,
  ChatCompletion,
  ChatMessage,
  ChatParams,
  ChatRequest,
  JsonValue,
  MessageInput,
} from "./chat/chat-completion.ts";
export type { AnswerSource, InferMetadata, InferResult } from "./chat/infer-result.ts";
export { withoutFence } from "./chat/json-fence.ts";
export { checkCount, checkOptions } from "./check-options.ts";
export { type Client, type ClientOptions, createClient, type InferFailure } from "./client.ts";
export { createDeadline, type Deadline } from "./concurrency/timeout.ts";
export type { CacheStore, FlightEnd, Flights, Lease, StoreSetOptions } from "./contracts/cache-store.ts";
export type { GenerateContext, LLMProvider } from "./contracts/provider.ts";
export { type CacheEntry, decodeEntry, encodeEntry } from "./entry/entry.ts";
export {
  CacheMissError,
  InvalidRequestError,
  ProviderError,
  RememError,
  type RememErrorCode,
  StoreError,
} from "./errors/errors.ts";
export { createRedact, type Redact, redactedError, withoutCredentials } from "./errors/redact.ts";
export { orAborted } from "./flight/call-budget.ts";
export { type CanonicalOptions, canonicalJson } from "./json/canonical-json.ts";
export { isTooDeep, MAX_DEPTH } from "./json/plain-json.ts";
export type { Logger, RememEvent } from "./observe/events.ts";
export type { ClientStats, TokenCount } from "./observe/stats.ts";
export type { BatchOptions, BatchProgress, CacheMode, InferOptions, StreamOptions } from "./options.ts";
export type { BatchItem } from "./request.ts";
export { type MemoryStoreOptions, memoryStore } from "./store/memory-store.ts";
export { tieredStore } from "./store/tiered-store.ts";
