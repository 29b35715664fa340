import { answersInOrder } from "./batch.ts";
import type { ChatCompletion, ChatParams, ChatRequest } from "./chat/chat-completion.ts";
import { chatSurface } from "./chat/chat-surface.ts";
import { type InferFailure, type InferResult, toResult } from "./chat/infer-result.ts";
import type { CallParams } from "./chat/params.ts";
import type { Call, CallOptions } from "./contracts/call.ts";
import { createCall } from "./engine/create-call.ts";
import { createReadThrough } from "./engine/read-through.ts";
import { InvalidRequestError } from "./errors/errors.ts";
import type { ClientStats } from "./observe/stats.ts";
import {
  type BatchOptions,
  type ClientOptions,
  checkBatchOptions,
  checkClientOptions,
  checkInferEachOptions,
  checkInferOptions,
  checkSampleOption,
  type InferEachOptions,
  type InferOptions,
  readThroughOptions,
} from "./options.ts";
import { clientParams, type InferRequest, isRequest, mergeRequest, type Prompt } from "./request.ts";
import { release, retain } from "./store/shared-use.ts";

type SampleOption = Pick<InferOptions, "sample">;

/** Requests are given as one object, or as messages and parameters. A string stands for one message of the user. */
export interface Client extends AsyncDisposable {
  /** What is sent with every request unless a call says otherwise. */
  readonly params: ChatParams;
  /**
   * Answers the request from the store, from an identical call that is running, or else from the provider.
   * @throws {InvalidRequestError} before anything is read or sent
   * @throws {ProviderError} when the provider failed or `timeoutMs` is used up
   * @throws {CacheMissError} with `only-if-cached`
   * @throws the reason of `signal`, once that is aborted
   */
  infer(request: InferRequest, options?: InferOptions): Promise<InferResult>;
  infer(messages: Prompt, params?: CallParams, options?: InferOptions): Promise<InferResult>;
  /** Answers in the order of the input. It never rejects for an item: a failure stands in its place, also after an abort. */
  batchInfer(
    batch: ReadonlyArray<Prompt | InferRequest>,
    params?: CallParams,
    options?: BatchOptions,
  ): Promise<Array<InferResult | InferFailure>>;
  /** Answers a stream of requests: it pulls them as there is room and gives the answers in order, without holding them all. */
  inferEach(
    requests: Iterable<Prompt | InferRequest> | AsyncIterable<Prompt | InferRequest>,
    options?: InferEachOptions,
  ): AsyncIterable<InferResult | InferFailure>;
  /** Whether `infer` would find a stored answer. */
  has(request: InferRequest, options?: SampleOption): Promise<boolean>;
  has(messages: Prompt, params?: CallParams, options?: SampleOption): Promise<boolean>;
  /** Deletes the stored answer, and returns whether there was one. */
  delete(request: InferRequest, options?: SampleOption): Promise<boolean>;
  delete(messages: Prompt, params?: CallParams, options?: SampleOption): Promise<boolean>;
  stats(): ClientStats;
  /** Refuses new calls and lets running ones finish (5 s, then they are aborted). Closes store and provider, unless another client uses them. */
  close(): Promise<void>;
}

const NONE: InferOptions = {};
const MIB = 1024 * 1024;

/** Makes a client for chat: a cache in front of a provider. */
export function createClient(options: ClientOptions): Client {
  return createClientFor("createClient", options);
}

/** Makes a client for a function with another name, which the messages of its errors contain. */
export function createClientFor(where: string, options: ClientOptions): Client {
  checkClientOptions(where, options);
  const { provider, floats, admit, maxRequestBytes = 16 * MIB } = options;
  const defaults = clientParams(where, options.params);
  const surface = admit === undefined ? chatSurface : { ...chatSurface, admit };
  const readThrough = createReadThrough(readThroughOptions(options));
  const callOptions: CallOptions<ChatRequest, ChatCompletion> = {
    mode: options.cache,
    ttlMs: options.ttlMs,
    scope: provider.scope,
    floats,
    maxRequestBytes,
    canonical: provider.canonical && ((request) => provider.canonical!(request)),
    provider: provider.id,
    ask: (request, context) => provider.generate(request, context),
  };
  retain(provider);
  let closing: Promise<void> | undefined;

  function prepare(
    input: Prompt | InferRequest,
    params: CallParams | undefined,
    own: InferOptions,
  ): Call<ChatRequest, ChatCompletion> {
    const request = mergeRequest(defaults, params, input);
    if (own === NONE) return createCall(surface, request, callOptions);
    const { cache: mode = callOptions.mode, ttlMs = callOptions.ttlMs, sample } = own;
    return createCall(surface, request, { ...callOptions, mode, ttlMs, sample });
  }
  /** The call of `has` and `delete`. */
  function prepareSampled(
    where: string,
    input: Prompt | InferRequest,
    second: CallParams | SampleOption | undefined,
    third: SampleOption = NONE,
  ): Call<ChatRequest, ChatCompletion> {
    const options = isRequest(input) ? ((second ?? NONE) as SampleOption) : third;
    checkSampleOption(where, options);
    return prepare(input, isRequest(input) ? undefined : (second as CallParams | undefined), options);
  }
  async function close(): Promise<void> {
    const [closed] = await Promise.allSettled([readThrough.close()]);
    if (release(provider)) await provider.close?.();
    if (closed.status === "rejected") throw closed.reason;
  }

  const client: Client = {
    params: defaults,
    // Not async, which would cost a hit one promise more.
    infer(input: Prompt | InferRequest, second?: CallParams | InferOptions, third: InferOptions = NONE) {
      try {
        const options = isRequest(input) ? ((second ?? NONE) as InferOptions) : third;
        if (options !== NONE) checkInferOptions("infer", options);
        const call = prepare(input, isRequest(input) ? undefined : (second as CallParams), options);
        return readThrough.get(call, options).then((outcome) => toResult(call, outcome));
      } catch (error) {
        return Promise.reject(error);
      }
    },
    async batchInfer(batch, params, options = {}) {
      checkBatchOptions("batchInfer", options);
      if (!Array.isArray(batch)) {
        throw new InvalidRequestError("", "of a batch must be a list: of strings, lists of messages, or requests.");
      }
      const results: Array<InferResult | InferFailure> = [];
      const answers = answersInOrder(
        {
          items: batch,
          total: batch.length,
          readThrough,
          provider: provider.id,
          prepare: (item) => prepare(item, params, options),
        },
        options,
      );
      for await (const result of answers) results.push(result);
      return results;
    },
    inferEach(requests, options = {}) {
      checkInferEachOptions("inferEach", options);
      return answersInOrder(
        { items: requests, readThrough, provider: provider.id, prepare: (item) => prepare(item, undefined, options) },
        options,
      );
    },
    async has(input: Prompt | InferRequest, second?: CallParams | SampleOption, third?: SampleOption) {
      return readThrough.has(prepareSampled("has", input, second, third));
    },
    async delete(input: Prompt | InferRequest, second?: CallParams | SampleOption, third?: SampleOption) {
      return readThrough.delete(prepareSampled("delete", input, second, third).key);
    },
    stats: readThrough.stats,
    close() {
      closing ??= close();
      return closing;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
  return client;
}
