import type { ChatCompletion, ChatRequest } from "../chat/chat-completion.ts";
import type { LLMProvider } from "../chat/provider.ts";
import type { ClientParams } from "../chat/request/params.ts";
import { checkCacheMode } from "../contracts/cache-mode.ts";
import type { CacheStore } from "../contracts/cache-store.ts";
import type { CacheMode, ReplayOptions } from "../contracts/call.ts";
import {
  checkReadThroughOptions,
  READ_THROUGH_OPTIONS,
  type ReadThroughOptions,
  readThroughOptions,
} from "../engine/read-through-options.ts";
import { checkContract, checkCount, checkOptions, checkTtl } from "../errors/check-options.ts";
import { invalidOption } from "../errors/errors.ts";
import { checkLimits, type Limits } from "../limits/limits.ts";
import { checkSchema, type ResponseSchema } from "./structured-output/schema.ts";

/** The options of `infer`. Only `sample`, and the format that `schema` adds to the request, are in the key. */
export interface InferOptions<Output = unknown> {
  /** How the call uses the store. By default as the client's option `cache` says. */
  readonly cache?: CacheMode | undefined;
  /** The n-th independent answer to one request; 0, the default, is the same as none. */
  readonly sample?: number | undefined;
  /** The time to live of the answer in milliseconds. Forever by default. */
  readonly ttlMs?: number | undefined;
  /**
   * The budget of the whole call in milliseconds, including waits and retries. None by default. In a batch it starts when the
   * item starts.
   */
  readonly timeoutMs?: number | undefined;
  /** Aborts this call. Other callers of the same flight continue. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The schema of the answer: a Standard Schema (zod 4, valibot, arktype …) or a JSON Schema. The client sends it as
   * `response_format`, unless the call has its own. `result.object` is the validated and typed answer. If an answer does not
   * match, the client does not store it and throws a `SchemaMismatchError`.
   */
  readonly schema?: ResponseSchema<Output> | undefined;
  /** The number of further attempts after an answer that does not match `schema`. 0 by default. */
  readonly retries?: number | undefined;
}

/** The options of `stream`. Only `sample` is in the key. */
export interface StreamOptions extends Pick<InferOptions, "cache" | "sample" | "ttlMs" | "timeoutMs" | "signal"> {
  /**
   * How to split a whole answer: a stored one, or one that another process or a caller of `infer` has asked for. By default it
   * comes at once, with each text in one chunk. With `chunkMs` it comes word by word, with that many milliseconds between two
   * chunks.
   */
  readonly replay?: ReplayOptions | undefined;
}

/** The options of `has` and `delete`, which are in the key. */
export type KeyOptions = Pick<InferOptions, "sample" | "schema">;

/** The options of `batchInfer`. */
export interface BatchOptions<Output = unknown> extends InferOptions<Output> {
  /**
   * The number of independent answers to each item, numbered from `sample` 0. One by default. The answers to one item are
   * adjacent in the results. A later batch with a larger number pays only for the missing answers.
   */
  readonly samples?: number | undefined;
  /**
   * The maximum number of concurrent calls of the provider. 10 by default; hits do not count. `"auto"` begins with 8 and doubles, up
   * to 256, as long as that increases the throughput.
   */
  readonly concurrency?: number | "auto" | undefined;
  /** Called when an item is settled. `total` is known for an array. */
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
}

/** The progress of a batch. */
export interface BatchProgress {
  /** Settled items, including failures. */
  readonly done: number;
  /** The number of items, if it is known. */
  readonly total?: number;
  /** Items that were read from the store. */
  readonly hits: number;
  /** Items that failed. */
  readonly failures: number;
}

/** The options of `inferEach`. */
export interface InferEachOptions<Output = unknown> extends BatchOptions<Output> {
  /** How many items may be started but not yet yielded. 1,024 by default, and never less than `concurrency`. */
  readonly window?: number | undefined;
}

/** The options of `createClient`. */
export interface ClientOptions extends ReadThroughOptions {
  /** Answers on a miss. Closed with the last client that uses it. */
  readonly provider: LLMProvider;
  /** Keeps the answers. Closed with the last client that uses it. */
  readonly store: CacheStore;
  /** Parameters of every request: at least the model. */
  readonly params: ClientParams;
  /** The time to live of answers in milliseconds. Forever by default. */
  readonly ttlMs?: number | undefined;
  /** The mode of calls that name none. `"default"` by default. */
  readonly cache?: CacheMode | undefined;
  /** Decides which answers are stored. `defaultAdmit` by default. */
  readonly admit?: ((completion: ChatCompletion, request: ChatRequest) => boolean) | undefined;
  /** The largest request that is sent, in bytes of its JSON. 16 MiB by default; a larger one is a `REQUEST_TOO_LARGE`. */
  readonly maxRequestBytes?: number | undefined;
  /** The maximum number of requests and tokens per minute, and the longest wait for a rate limit of the server. */
  readonly limits?: Limits<ChatRequest, ChatCompletion> | undefined;
  /** For keys that a Python program has made: see `cacheKey`. */
  readonly floats?: ((pointer: string) => boolean) | undefined;
}

const INFER_OPTIONS = {
  cache: true,
  sample: true,
  ttlMs: true,
  timeoutMs: true,
  signal: true,
  schema: true,
  retries: true,
} as const satisfies Record<keyof InferOptions, true>;
const STREAM_OPTIONS = {
  cache: true,
  sample: true,
  ttlMs: true,
  timeoutMs: true,
  signal: true,
  replay: true,
} as const satisfies Record<keyof StreamOptions, true>;
const BATCH_OPTIONS = {
  ...INFER_OPTIONS,
  samples: true,
  concurrency: true,
  onProgress: true,
} as const satisfies Record<keyof BatchOptions, true>;
const INFER_EACH_OPTIONS = { ...BATCH_OPTIONS, window: true } as const satisfies Record<keyof InferEachOptions, true>;
const CLIENT_OPTIONS = {
  provider: true,
  params: true,
  ttlMs: true,
  cache: true,
  admit: true,
  maxRequestBytes: true,
  limits: true,
  floats: true,
  ...READ_THROUGH_OPTIONS,
} as const satisfies Record<keyof ClientOptions, true>;

export function checkInferOptions(where: string, options: InferOptions): void {
  checkOptions(where, options, INFER_OPTIONS);
  checkValues(where, options);
}

export function checkStreamOptions(where: string, options: StreamOptions): void {
  checkOptions(where, options, STREAM_OPTIONS);
  checkValues(where, options);
  const { replay } = options;
  if (replay === undefined) return;
  checkOptions(`${where}: \`replay\``, replay, { chunkMs: true } satisfies Record<keyof ReplayOptions, true>);
  checkCount(where, "replay.chunkMs", replay.chunkMs);
}

export function checkBatchOptions(where: string, options: BatchOptions): void {
  checkOptions(where, options, BATCH_OPTIONS);
  checkValues(where, options);
}

export function checkInferEachOptions(where: string, options: InferEachOptions): void {
  checkOptions(where, options, INFER_EACH_OPTIONS);
  checkValues(where, options);
}

export function checkKeyOptions(where: string, options: KeyOptions): void {
  checkOptions(where, options, { sample: true, schema: true } satisfies Record<keyof KeyOptions, true>);
  checkValues(where, options);
}

export function checkClientOptions(where: string, options: ClientOptions): void {
  checkOptions(where, options, CLIENT_OPTIONS);
  const { provider, params, ttlMs, cache, maxRequestBytes } = options;
  checkContract(where, "provider", provider, ["generate"]);
  checkReadThroughOptions(where, readThroughOptions(options));
  if (typeof params?.model !== "string") throw invalidOption(where, "params", "an object with at least a `model`");
  checkTtl(where, "ttlMs", ttlMs);
  checkCount(where, "maxRequestBytes", maxRequestBytes);
  checkLimits(where, options.limits);
  checkCacheMode(where, cache);
}

function checkConcurrency(where: string, concurrency: number | "auto" | undefined): void {
  if (concurrency === "auto") return;
  if (typeof concurrency === "string") throw invalidOption(where, "concurrency", 'a whole number from 1, or "auto"');
  checkCount(where, "concurrency", concurrency);
}

function checkValues(where: string, options: InferEachOptions): void {
  checkCount(where, "retries", options.retries, 0);
  checkSchema(where, options.schema, options.retries);
  checkCacheMode(where, options.cache);
  checkCount(where, "sample", options.sample, 0);
  checkCount(where, "samples", options.samples);
  if (options.sample !== undefined && options.samples !== undefined) {
    throw invalidOption(where, "samples", "left out where `sample` names the one answer that is asked for");
  }
  checkTtl(where, "ttlMs", options.ttlMs);
  checkCount(where, "timeoutMs", options.timeoutMs);
  checkConcurrency(where, options.concurrency);
  checkCount(where, "window", options.window);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw invalidOption(where, "signal", "an AbortSignal");
  }
}
