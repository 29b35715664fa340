import type { InferFailure, InferResult } from "../chat/answer/infer-result.ts";
import type { InferStream } from "../chat/answer/infer-stream.ts";
import type { ChatCompletion, ChatParams } from "../chat/chat-completion.ts";
import type { DeferredJob } from "../chat/deferred-api.ts";
import type { CallParams } from "../chat/request/params.ts";
import type { DeferredOptions, ListedBatch } from "../deferred/deferred-job.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { KeyFacts } from "../key/cache-key.ts";
import type { ClientStats } from "../observe/stats.ts";
import type { BatchOptions, InferEachOptions, InferOptions, KeyOptions, StreamOptions } from "./options.ts";
import type { InferRequest, Prompt, StreamParams, StreamRequest } from "./request.ts";

/** Requests are given as one object, or as messages and parameters. A string stands for one message of the user. */
export interface Client extends AsyncDisposable {
  /** What is sent with every request unless a call says otherwise. */
  readonly params: ChatParams;
  /**
   * Answers the request from the store, from an identical call that is running, or else from the provider.
   * @throws {InvalidRequestError} before anything is read or sent
   * @throws {ProviderError} when the provider failed or `timeoutMs` is used up
   * @throws {CacheMissError} with `only-if-cached`
   * @throws {SchemaMismatchError} where the answer does not match `schema`
   * @throws the reason of `signal`, once that is aborted
   */
  infer<Output = unknown>(request: InferRequest, options?: InferOptions<Output>): Promise<InferResult<Output>>;
  infer<Output = unknown>(
    messages: Prompt,
    params?: CallParams,
    options?: InferOptions<Output>,
  ): Promise<InferResult<Output>>;
  /**
   * Answers as `infer` does, and gives the answer in chunks as it comes: as the server streams it, or at once where it is stored.
   * Calls of `infer` and `stream` join each other and share their entries. Nothing is read or sent before the stream is read.
   * `stream_options: { include_usage: true }` shows the usage in a last chunk; otherwise `result()` has it.
   * @throws {InvalidRequestError} at once
   */
  stream(request: StreamRequest, options?: StreamOptions): InferStream;
  stream(messages: Prompt, params?: StreamParams, options?: StreamOptions): InferStream;
  /** Answers in the order of the input. It never rejects for an item: a failure stands in its place, also after an abort. */
  batchInfer<Output = unknown>(
    batch: ReadonlyArray<Prompt | InferRequest>,
    params?: CallParams,
    options?: BatchOptions<Output>,
  ): Promise<Array<InferResult<Output> | InferFailure>>;
  /** Answers a stream of requests: it pulls them as there is room and gives the answers in order, without holding them all. */
  inferEach<Output = unknown>(
    requests: Iterable<Prompt | InferRequest> | AsyncIterable<Prompt | InferRequest>,
    options?: InferEachOptions<Output>,
  ): AsyncIterable<InferResult<Output> | InferFailure>;
  /**
   * Answers what is stored, and gives the rest to the Batch API of the provider, for less and within a day. Opens a job of another
   * process by its id.
   * @throws {RememError} with code `INVALID_OPTION` where the provider has no Batch API, or the id is unknown
   * @throws {ProviderError} where a batch cannot be submitted, and no other attempt would help
   * @throws {StoreError} where the store fails: it holds what is under way
   */
  deferred(
    requests: Iterable<Prompt | InferRequest> | AsyncIterable<Prompt | InferRequest> | string,
    options?: DeferredOptions,
  ): Promise<DeferredJob>;
  /** The batches that the store knows, those of all processes, in no particular order. Ended ones are known for a week. */
  deferredBatches(): AsyncIterable<ListedBatch>;
  /**
   * Stores an answer that was got elsewhere, as if it had been asked for. Returns the reason where it is not worth storing, and
   * `undefined` once it is stored.
   * @throws {InvalidRequestError} where `infer` would reject
   * @throws {ProviderError} where it is no answer
   */
  put(request: InferRequest, answer: ChatCompletion, options?: KeyOptions): Promise<string | undefined>;
  /**
   * The line of a file for a Batch API that asks this request, with its key as `custom_id`. For what has no such API of its own, and
   * for another host to answer: `put` takes what comes back.
   * @throws {InvalidRequestError} where `infer` would reject
   */
  batchLine(request: InferRequest, options?: KeyOptions): string;
  /** Whether `infer` would find a stored answer. */
  has(request: InferRequest, options?: KeyOptions): Promise<boolean>;
  has(messages: Prompt, params?: CallParams, options?: KeyOptions): Promise<boolean>;
  /** Deletes the stored answer, and returns whether there was one. */
  delete(request: InferRequest, options?: KeyOptions): Promise<boolean>;
  delete(messages: Prompt, params?: CallParams, options?: KeyOptions): Promise<boolean>;
  /**
   * Returns the key of the request, and the data in it. Reads and sends nothing.
   * @throws {InvalidRequestError} where `infer` would reject
   */
  keyOf(request: InferRequest, options?: KeyOptions): KeyedRequest;
  keyOf(messages: Prompt, params?: CallParams, options?: KeyOptions): KeyedRequest;
  /** Counts the calls of this client since its creation. */
  stats(): ClientStats;
  /** Refuses new calls and lets running ones finish (5 s, then they are aborted). Closes store and provider, unless another client uses them. */
  close(): Promise<void>;
}

/** The data in a key. */
export interface KeyedRequest {
  /** SHA-256, in hex. */
  readonly key: string;
  /** The request with the client's parameters, as an entry keeps it. */
  readonly request: JsonObject;
  /** What is keyed besides. */
  readonly facts: KeyFacts;
}
