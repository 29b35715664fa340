export { defaultAdmit } from "./chat/answer/admit.ts";
export { type InferFailure, type InferMetadata, type InferResult, isAnswer } from "./chat/answer/infer-result.ts";
export type { InferStream } from "./chat/answer/infer-stream.ts";
export type {
  ResultChoice,
  ResultCompletion,
  ResultMessage,
  ResultUsage,
  TokenLogprob,
  ToolCall,
} from "./chat/answer/result-completion.ts";
export type { ChatChoice, ChatCompletion, ChatMessage, ChatParams, ChatRequest } from "./chat/chat-completion.ts";
export { cacheKey } from "./chat/chat-key.ts";
export { chatSurface } from "./chat/chat-surface.ts";
export type { DeferredAnswer, DeferredApi, DeferredJob } from "./chat/deferred-api.ts";
export type { GenerateContext, LLMProvider } from "./chat/provider.ts";
export type { ContentPart, MessageInput } from "./chat/request/message-input.ts";
export type { CallParams, ClientParams, KnownParams, ResponseFormat, Tool } from "./chat/request/params.ts";
export type { ChatCompletionChunk, ChunkChoice, ChunkDelta, ChunkToolCall } from "./chat/stream/completion-chunk.ts";
export { createClient } from "./client/client.ts";
export type { Client, KeyedRequest } from "./client/client-contract.ts";
export type {
  BatchOptions,
  BatchProgress,
  ClientOptions,
  InferEachOptions,
  InferOptions,
  KeyOptions,
  StreamOptions,
} from "./client/options.ts";
export type { InferRequest, Prompt, StreamParams, StreamRequest } from "./client/request.ts";
export { responseFormat } from "./client/structured-output/response-format.ts";
export type { JsonSchema, ResponseSchema, StandardSchema } from "./client/structured-output/schema.ts";
export { type SchemaIssue, SchemaMismatchError } from "./client/structured-output/schema-mismatch.ts";
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
  AnswerSource,
  AskContext,
  Beginning,
  CacheKeyOptions,
  CacheMode,
  Call,
  CallLimits,
  CallOptions,
  Following,
  Outcome,
  ReplayOptions,
} from "./contracts/call.ts";
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
export type {
  DeferredBatchStatus,
  DeferredFailure,
  DeferredOptions,
  DeferredResultsOptions,
  DeferredStatus,
  ListedBatch,
} from "./deferred/deferred-job.ts";
export { askStream } from "./engine/ask-stream.ts";
export { createCall } from "./engine/create-call.ts";
export { createReadThrough } from "./engine/read-through.ts";
export type { ReadThrough, ReadThroughOptions, RecordedFacts } from "./engine/read-through-options.ts";
export { type CacheEntry, decodeEntry, encodeEntry } from "./entry/entry.ts";
export { putEntry, readEntry } from "./entry/stored-entry.ts";
export type { RememErrorCode } from "./errors/error-code.ts";
export {
  CacheMissError,
  InvalidRequestError,
  ProviderError,
  RememError,
  StoreError,
} from "./errors/errors.ts";
export type { JsonObject, JsonValue } from "./json/json-value.ts";
export { parseJson } from "./json/raw-json.ts";
export { type KeyFacts, recomputedKey } from "./key/cache-key.ts";
export type { Budget, Limits } from "./limits/limits.ts";
export type { Logger, NotAdmitted, RememEvent } from "./observe/events.ts";
export type { Journal, JournalCall } from "./observe/journal.ts";
export type { ClientStats } from "./observe/stats.ts";
export { type MemoryStoreOptions, memoryStore } from "./store/memory-store.ts";
export { tieredStore } from "./store/tiered-store.ts";
