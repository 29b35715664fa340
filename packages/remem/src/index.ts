export * from "@remem/core";
export {
  type CachedFetch,
  type FetchArguments,
  type FetchKeysOptions,
  type FoundItems,
  fetchKeys,
  fetchSurfaces,
  type HttpRequest,
  type HttpSurface,
  type ListSurface,
  type Message,
  type MessageBatches,
  type MessageRequest,
  type MessageResult,
  type PassedThrough,
  type StreamFormat,
} from "@remem/fetch";
export * from "@remem/openai";
export * from "@remem/sqlite";
export { CacheOpenAI, type CacheOpenAIOptions, type ExperimentConfig } from "./cache-openai.ts";
export { cachedFetch, type RememFetchOptions } from "./cached-fetch.ts";
export { createRemem } from "./create-remem.ts";
export { defaultJournalFile } from "./journal-for.ts";
export { messageBatches, type RememBatchesOptions } from "./message-batches.ts";
export type { RememOptions } from "./options.ts";
export type { ProviderName } from "./provider-for.ts";
export { type StoreFile, type StoreFromUrlOptions, storeFileFromUrl, storeFromUrl } from "./store-from-url.ts";
