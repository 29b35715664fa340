export { type MessageBatches, type MessageResult, messageBatches } from "./batches/message-batches.ts";
export type { MessageBatchesOptions } from "./batches/options.ts";
export type { FetchArguments, MessageRequest } from "./batches/prepare.ts";
export { type CachedFetch, cachedFetch } from "./cached-fetch.ts";
export { type FetchKeysOptions, fetchKeys } from "./fetch-keys.ts";
export type { AskedFor, CachedFetchOptions } from "./options.ts";
export type { HeaderLookup, PlainRequest } from "./request/plain-request.ts";
export type { PlainResponse } from "./response/plain-response.ts";
export type { FoundItems, ListSurface } from "./surfaces/embeddings/list-surface.ts";
export type {
  ChunkReader,
  ChunkView,
  Found,
  HttpRequest,
  HttpSurface,
  PassedThrough,
  Retention,
  StreamFormat,
} from "./surfaces/http-surface.ts";
export type { Message } from "./surfaces/messages.ts";
export { fetchSurfaces } from "./surfaces/surfaces.ts";
export { type EventStreamOptions, eventStream } from "./wire/event-stream.ts";
export { jsonLines } from "./wire/lines.ts";
