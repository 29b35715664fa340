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

/**
 * A cache in front of a provider. A request is one object, or messages and parameters. A string stands for one message of
 * the user.
 */
export interface Client extends AsyncDisposable {
  /** The parameters that the client sends with every request, unless the call overrides them. */
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
   * Answers as `infer` does, but in chunks: as the server streams them, or at once if the answer is stored. Calls of `infer`
   * and `stream` join each other and share their entries. The call starts when the stream is read.
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
  /**
   * Answers a stream of requests. It pulls requests as there is room, and yields the answers in order without holding all of
   * them.
   */
  inferEach<Output = unknown>(
    requests: Iterable<Prompt | InferRequest> | AsyncIterable<Prompt | InferRequest>,
    options?: InferEachOptions<Output>,
  ): AsyncIterable<InferResult<Output> | InferFailure>;
  /**
   * Answers stored requests from the store, and submits the others to the provider's Batch API, which answers within a day
   * at a lower price. With an id it opens a job of another process.
   * @throws {RememError} with code `INVALID_OPTION` if the provider has no Batch API, or the id is unknown
   * @throws {ProviderError} if a batch cannot be submitted, and a retry would not help
   * @throws {StoreError} if the store fails: it holds the state of the job
   */
  deferred(
    requests: Iterable<Prompt | InferRequest> | AsyncIterable<Prompt | InferRequest> | string,
    options?: DeferredOptions,
  ): Promise<DeferredJob>;
  /**
   * Lists the batches of all processes that share the store, in no particular order. The store keeps an ended batch for a
   * week.
   */
  deferredBatches(): AsyncIterable<ListedBatch>;
  /**
   * Stores an answer from elsewhere as if the client had asked for it. Returns the reason if the answer is not worth
   * storing, and `undefined` once it is stored.
   * @throws {InvalidRequestError} where `infer` would reject
   * @throws {ProviderError} if it is not an answer
   */
  put(request: InferRequest, answer: ChatCompletion, options?: KeyOptions): Promise<string | undefined>;
  /**
   * Returns the line for this request in a file for a Batch API, with the key as `custom_id`. Use it if the provider has no
   * `deferred`, or if another host asks for the answers: `put` stores them.
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
  /** The other data in the key. */
  readonly facts: KeyFacts;
}
