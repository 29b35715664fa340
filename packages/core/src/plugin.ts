// For authors of providers and stores: the contracts, the errors, and what each of them would otherwise write again.

export { withoutFence } from "./chat/answer/json-fence.ts";
export type {
  ChatChoice,
  ChatCompletion,
  ChatMessage,
  ChatParams,
  ChatRequest,
} from "./chat/chat-completion.ts";
export type { DeferredAnswer, DeferredApi, DeferredJob } from "./chat/deferred-api.ts";
export type { GenerateContext, LLMProvider } from "./chat/provider.ts";
export { errorIn, type ServerError } from "./chat/servers/errors.ts";
export { reasoningOf, textOf } from "./chat/servers/message-text.ts";
export { retryAfterMs, retryDelayMs, usedUpMs } from "./chat/servers/rate-limits.ts";
export { type ChatAggregate, createChatAggregate } from "./chat/stream/aggregate.ts";
export { type ChatChunksOptions, chatChunks, wordsOf } from "./chat/stream/chunks-of.ts";
export type { ChatCompletionChunk, ChunkChoice, ChunkDelta, ChunkToolCall } from "./chat/stream/completion-chunk.ts";
export { isMembers, type Members, membersOf } from "./chat/stream/members.ts";
export { visibleChunk } from "./chat/stream/visible-chunk.ts";
export { createClientFor } from "./client/client.ts";
export { raceSignal } from "./concurrency/race-signal.ts";
export { sleep } from "./concurrency/sleep.ts";
export { createTimeout, type Timeout } from "./concurrency/timeout.ts";
export { graceMs, startTimer } from "./concurrency/timer.ts";
export { checkCacheMode } from "./contracts/cache-mode.ts";
export type {
  CacheStore,
  FlightEnd,
  Flights,
  HeadsOptions,
  Lease,
  StoredEntry,
  StoredHead,
  StoreSetOptions,
} from "./contracts/cache-store.ts";
export type {
  CollectContext,
  DeferredBatch,
  DeferredContext,
  DeferredCounts,
  DeferredDoubt,
  DeferredLimits,
  DeferredProblem,
  DeferredSubmission,
  LostSubmission,
} from "./contracts/deferred-api.ts";
export type {
  Aggregate,
  ChoiceText,
  ChunksOptions,
  MessageText,
  Surface,
  SurfaceTexts,
  TokenCount,
  ToolCallText,
} from "./contracts/surface.ts";
export type { DeferredCallOptions, DeferredCalls, DeferredParts } from "./deferred/deferred-calls.ts";
export type { DeferredFailure, DeferredOptions, ListedBatch } from "./deferred/deferred-job.ts";
export { deferredCalls } from "./deferred/load-deferred.ts";
export { READ_THROUGH_OPTIONS, readThroughOptions } from "./engine/read-through-options.ts";
export {
  type CacheEntry,
  decodeEntry,
  decodeHead,
  type EntryHead,
  type EntryText,
  encodeEntry,
  expiryOf,
  headOf,
  joinEntry,
  MAX_HEAD_LENGTH,
  splitEntry,
} from "./entry/entry.ts";
export { isReservedKey } from "./entry/reserved-keys.ts";
export { checkCount, checkOptions, checkTtl } from "./errors/check-options.ts";
export type { RememErrorCode } from "./errors/error-code.ts";
export {
  InvalidRequestError,
  invalidOption,
  messageOf,
  ProviderError,
  RememError,
  StoreError,
  storeClosed,
  storeFailed,
} from "./errors/errors.ts";
export { createRedact, type Redact, redactedError, withoutCredentials } from "./errors/redact.ts";
export { type CanonicalOptions, canonicalJson } from "./json/canonical-json.ts";
export type { JsonObject, JsonValue } from "./json/json-value.ts";
export { isTooDeep, MAX_DEPTH } from "./json/plain-json.ts";
export { fingerprint } from "./key/fingerprint.ts";
export { type Budget, checkLimits } from "./limits/limits.ts";
export { type PacedContext, paced } from "./limits/paced.ts";
export { findPackage, missingPackages } from "./modules/find-package.ts";
