import { keyOfPlain } from "./cache-key.ts";
import { defaultAdmit } from "./chat/admit.ts";
import type { CallParams, ChatCompletion, ChatParams, ChatRequest, MessageInput } from "./chat/chat-completion.ts";
import type { InferResult } from "./chat/infer-result.ts";
import { checkCount, checkOptions } from "./check-options.ts";
import { inOrder } from "./concurrency/in-order.ts";
import { createDeadline } from "./concurrency/timeout.ts";
import type { CacheStore } from "./contracts/cache-store.ts";
import type { LLMProvider } from "./contracts/provider.ts";
import {
  asRememError,
  clientClosed,
  InvalidRequestError,
  invalidOption,
  type RememError,
  storeFailed,
  storeIsLate,
} from "./errors/errors.ts";
import { plainJson } from "./json/plain-json.ts";
import { createReport, type Logger, notify, type RememEvent } from "./observe/events.ts";
import { type ClientStats, createTally } from "./observe/stats.ts";
import {
  type BatchOptions,
  type CacheMode,
  checkBatchOptions,
  checkCacheMode,
  checkInferOptions,
  checkSampleOption,
  checkStreamOptions,
  type InferOptions,
  type StreamOptions,
} from "./options.ts";
import { type Call, createCaller } from "./read-through.ts";
import { type BatchItem, makeRequest, merged } from "./request.ts";

/** Stands in the place of an item that failed. */
export interface InferFailure {
  readonly error: RememError;
  /** Left out where the request was too broken to have one. */
  readonly key?: string;
  readonly cacheHit: false;
}

export interface Client extends AsyncDisposable {
  /** What is sent with every request unless a call says otherwise. */
  readonly params: ChatParams;
  /**
   * The answer to the messages: from the store, from the same call if it is running, or else from the provider.
   * @throws {InvalidRequestError} before anything is read or sent
   * @throws {ProviderError} when the provider failed or the time is up
   * @throws {CacheMissError} with `only-if-cached`
   * @throws the reason of `signal`, once that is aborted
   */
  infer(messages: readonly MessageInput[], params?: CallParams, options?: InferOptions): Promise<InferResult>;
  /** Answers in the order of the input. Never rejects for an item: its failure stands in its place, also after an abort. */
  batchInfer(
    batch: ReadonlyArray<readonly MessageInput[]>,
    params?: CallParams,
    options?: BatchOptions,
  ): Promise<Array<InferResult | InferFailure>>;
  /** The same over a stream of requests: pulled as there is room, answered in order, without holding them all. */
  inferEach(
    requests: Iterable<BatchItem> | AsyncIterable<BatchItem>,
    options?: StreamOptions,
  ): AsyncIterable<InferResult | InferFailure>;
  /** Whether `infer` would find a stored answer. */
  has(messages: readonly MessageInput[], params?: CallParams, options?: Pick<InferOptions, "sample">): Promise<boolean>;
  /** Forgets the stored answer; whether there was one. */
  delete(
    messages: readonly MessageInput[],
    params?: CallParams,
    options?: Pick<InferOptions, "sample">,
  ): Promise<boolean>;
  stats(): ClientStats;
  /** Refuses new calls, lets running ones finish (5 s, then they are aborted), closes store and provider. */
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly provider: LLMProvider;
  readonly store: CacheStore;
  /** What is sent with every request: at least the model. */
  readonly params: ChatParams;
  /** How long answers may be served, in milliseconds; for ever by default. */
  readonly ttlMs?: number;
  /** The mode of calls that name none: `"default"`. */
  readonly cache?: CacheMode;
  /** Which answers are stored, instead of `defaultAdmit`. */
  readonly admit?: (completion: ChatCompletion, request: ChatRequest) => boolean;
  /** `"bypass"`, the default: a failing store costs a call and is reported. `"throw"`: the call rejects with a `StoreError`. */
  readonly onStoreError?: "bypass" | "throw";
  /** What an operation of the store may take, in milliseconds, before the call goes on without it. 35,000 by default: longer than `sqliteStore` waits for a lock. */
  readonly storeTimeoutMs?: number;
  /** The largest request that is sent, in bytes of its JSON. 16 MiB by default; a larger one is a `REQUEST_TOO_LARGE`. */
  readonly maxRequestBytes?: number;
  /** The largest entry that is stored, in bytes: request and answer together. 8 MiB by default; a larger one is reported, and not stored. */
  readonly maxEntryBytes?: number;
  /** For keys that a Python program has made: see `cacheKey`. */
  readonly floats?: (pointer: string) => boolean;
  /** Whether the request is kept beside its answer. True by default. */
  readonly storeRequest?: boolean;
  readonly onEvent?: (event: RememEvent) => void;
  /** Silent by default. */
  readonly logger?: Logger;
}

const NONE: InferOptions = {};
const GRACE_MS = 5_000;
const MIB = 1024 * 1024;

/**
 * Puts a store in front of a provider. One call is: make the request, key it, join the same call if it runs, read the
 * store, ask the provider, store the answer; a hit ends with the read.
 */
export function createClient(options: ClientOptions): Client {
  checkClientOptions(options);
  const { provider, store, cache: defaultMode = "default", storeRequest = true, onStoreError = "bypass" } = options;
  const { admit = defaultAdmit, floats, storeTimeoutMs = 35_000 } = options;
  const { maxRequestBytes = 16 * MIB, maxEntryBytes = 8 * MIB } = options;
  const defaults = Object.freeze(plainJson(options.params) as ChatParams);
  const tally = createTally();
  const within = createDeadline(storeTimeoutMs);
  const caller = createCaller({
    provider,
    store,
    onStoreError,
    storeTimeoutMs,
    storeRequest,
    maxEntryBytes,
    admit,
    tally,
    report: createReport(options),
  });
  let closing: Promise<void> | undefined;

  function prepare(
    merge: () => object,
    { cache: mode = defaultMode, sample, ttlMs = options.ttlMs }: InferOptions,
  ): Call {
    if (closing !== undefined) throw clientClosed();
    const request = makeRequest(merge);
    const keyed = provider.canonical?.(request) ?? request;
    const key = keyOfPlain(keyed, { scope: provider.scope, sample, floats, maxBytes: maxRequestBytes });
    return { request, key, mode, ttlMs };
  }

  async function* answers(
    requests: Iterable<BatchItem> | AsyncIterable<BatchItem>,
    { concurrency = 10, window = Math.max(1_024, concurrency), onProgress, ...options }: StreamOptions,
    total?: number,
  ): AsyncGenerator<InferResult | InferFailure, void, undefined> {
    const progress = { done: 0, ...(total !== undefined && { total }), hits: 0, failures: 0 };
    const stop = new AbortController();
    const abort = (): void => stop.abort(options.signal?.reason);
    options.signal?.addEventListener("abort", abort, { once: true });
    if (options.signal?.aborted) abort();
    const ask = caller.batch(concurrency, stop.signal);
    const asked = { ...options, signal: stop.signal };

    async function answer(item: BatchItem): Promise<InferResult | InferFailure> {
      let call: Call | undefined;
      let result: InferResult | InferFailure;
      try {
        call = prepare(() => ({ ...defaults, ...item }), options);
        result = await ask(call, asked);
      } catch (thrown) {
        const error = asRememError(thrown, provider.id, stop.signal);
        result = { error, ...(call !== undefined && { key: call.key }), cacheHit: false };
        progress.failures += 1;
      }
      progress.done += 1;
      if (result.cacheHit) progress.hits += 1;
      if (onProgress !== undefined) notify("onProgress", onProgress, { ...progress });
      return result;
    }

    try {
      yield* inOrder(requests, window, answer);
    } finally {
      options.signal?.removeEventListener("abort", abort);
      stop.abort(); // Whoever stops reading does not want the rest.
    }
  }

  /** For what is asked of the store itself: its failure is the outcome. */
  async function viaStore<T>(operation: string, run: () => Promise<T>): Promise<T> {
    try {
      return await within(run(), () => storeIsLate(store.name, operation, storeTimeoutMs));
    } catch (cause) {
      throw storeFailed(store.name, operation, cause);
    }
  }

  async function close(): Promise<void> {
    await caller.finish(GRACE_MS);
    const closed = await Promise.allSettled([viaStore("close", () => store.close()), provider.close?.()]);
    for (const outcome of closed) if (outcome.status === "rejected") throw outcome.reason;
  }

  const client: Client = {
    params: defaults,
    // Not async: a hit goes through one promise less.
    infer(messages, params, options = NONE) {
      let call: Call;
      try {
        if (options !== NONE) checkInferOptions("infer", options);
        call = prepare(() => ({ ...defaults, ...params, messages }), options);
      } catch (error) {
        return Promise.reject(error);
      }
      return caller.ask(call, options);
    },
    async batchInfer(batch, params, options = {}) {
      checkBatchOptions("batchInfer", options);
      if (!Array.isArray(batch)) throw new InvalidRequestError("", "of a batch must be a list of lists of messages.");
      const results: Array<InferResult | InferFailure> = [];
      const items = merged(() => batch.map((messages) => ({ ...params, messages })));
      for await (const result of answers(items, options, batch.length)) results.push(result);
      return results;
    },
    inferEach(requests, options = {}) {
      checkStreamOptions("inferEach", options);
      return answers(requests, options);
    },
    async has(messages, params, options = {}) {
      checkSampleOption("has", options);
      const { key } = prepare(() => ({ ...defaults, ...params, messages }), options);
      return caller.isAnswer(key, await viaStore("get", () => store.get(key)));
    },
    async delete(messages, params, options = {}) {
      checkSampleOption("delete", options);
      const { key } = prepare(() => ({ ...defaults, ...params, messages }), options);
      return viaStore("delete", () => store.delete(key));
    },
    stats: tally.read,
    close() {
      closing ??= close();
      return closing;
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
  return client;
}

const CLIENT_OPTIONS = {
  provider: true,
  store: true,
  params: true,
  ttlMs: true,
  cache: true,
  admit: true,
  onStoreError: true,
  storeTimeoutMs: true,
  maxRequestBytes: true,
  maxEntryBytes: true,
  floats: true,
  storeRequest: true,
  onEvent: true,
  logger: true,
} as const satisfies Record<keyof ClientOptions, true>;

function checkClientOptions(options: ClientOptions): void {
  const where = "createClient";
  checkOptions(where, options, CLIENT_OPTIONS);
  const { provider, store, params, ttlMs, cache, onStoreError, storeTimeoutMs, maxRequestBytes, maxEntryBytes } =
    options;
  checkContract(where, "provider", provider, ["generate"]);
  checkContract(where, "store", store, ["get", "set", "delete", "clear", "close"]);
  if (typeof params?.model !== "string") throw invalidOption(where, "params", "an object with at least a `model`");
  for (const [name, value] of Object.entries({ ttlMs, storeTimeoutMs, maxRequestBytes, maxEntryBytes })) {
    checkCount(where, name, value);
  }
  checkCacheMode(where, cache);
  if (onStoreError !== undefined && onStoreError !== "bypass" && onStoreError !== "throw") {
    throw invalidOption(where, "onStoreError", '"bypass" or "throw"');
  }
}

function checkContract(where: string, name: string, value: unknown, methods: readonly string[]): void {
  const member = (value ?? {}) as Record<string, unknown>;
  if (member.specVersion !== 1) throw invalidOption(where, name, "one of specVersion 1");
  for (const method of methods) {
    if (typeof member[method] !== "function") throw invalidOption(where, name, `an object with a method \`${method}\``);
  }
}
