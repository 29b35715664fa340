export { defaultAdmit } from "./admit.ts";
export type { AnswerSource, InferMetadata, InferResult } from "./answer.ts";
export { type CacheKeyOptions, cacheKey } from "./cache-key.ts";
export type { CacheStore, FlightEnd, Flights, Lease, StoreSetOptions } from "./cache-store.ts";
export { type CanonicalOptions, canonicalJson } from "./canonical-json.ts";
export type {
  CallParams,
  ChatChoice,
  ChatCompletion,
  ChatMessage,
  ChatParams,
  ChatRequest,
  JsonValue,
  MessageInput,
} from "./chat.ts";
export { type Client, type ClientOptions, createClient, type InferFailure } from "./client.ts";
export { createDeadline, type Deadline } from "./deadline.ts";
export { type CacheEntry, decodeEntry, encodeEntry } from "./entry.ts";
export {
  CacheMissError,
  InvalidRequestError,
  ProviderError,
  RememError,
  type RememErrorCode,
  StoreError,
} from "./errors.ts";
export type { Logger, RememEvent } from "./events.ts";
export type { BatchOptions, BatchProgress, CacheMode, InferOptions, StreamOptions } from "./infer-options.ts";
export { withoutFence } from "./json-fence.ts";
export type { GenerateContext, LLMProvider } from "./llm-provider.ts";
export { type MemoryStoreOptions, memoryStore } from "./memory-store.ts";
export { checkCount, checkOptions } from "./options.ts";
export { orAborted } from "./patience.ts";
export { isTooDeep, MAX_DEPTH } from "./plain-json.ts";
export { createRedact, type Redact, redactedError, withoutCredentials } from "./redact.ts";
export type { BatchItem } from "./request.ts";
export type { ClientStats, TokenCount } from "./stats.ts";
export { tieredStore } from "./tiered-store.ts";
