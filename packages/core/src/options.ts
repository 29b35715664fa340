import { checkCount, checkOptions } from "./check-options.ts";
import { invalidOption } from "./errors/errors.ts";

/**
 * How a call uses the store, in the words of the Fetch API. `default`: reads, writes, joins the same call if it is
 * running. `reload`: asks the provider and replaces what is stored. `no-store`: as if there were no store.
 * `only-if-cached`: never asks the provider; a `CacheMissError` where nothing is stored.
 */
export type CacheMode = "default" | "reload" | "no-store" | "only-if-cached";

/** How a call is made. Nothing of it is sent; only `sample` is in the key. */
export interface InferOptions {
  /** `"default"`, unless the client says otherwise. */
  readonly cache?: CacheMode;
  /** The n-th independent answer to one request; 0, the default, is the same as none. */
  readonly sample?: number;
  /** How long the answer may be served, in milliseconds. For ever by default. */
  readonly ttlMs?: number;
  /** The whole call's budget in milliseconds, waiting and retries included. None by default. In a batch: an item's, from when its turn has come. */
  readonly timeoutMs?: number;
  /** Ends this call; others that wait for the same answer go on. */
  readonly signal?: AbortSignal;
}

export interface BatchOptions extends InferOptions {
  /** How many calls of the provider may run at a time. 10 by default; hits need no slot. */
  readonly concurrency?: number;
  /** Called when an item is settled. `total` is known for an array. */
  readonly onProgress?: (progress: BatchProgress) => void;
}

export interface BatchProgress {
  readonly done: number;
  readonly total?: number;
  readonly hits: number;
  readonly failures: number;
}

export interface StreamOptions extends BatchOptions {
  /** How many items may be begun and not yet given out. 1,024 by default, and never less than `concurrency`. */
  readonly window?: number;
}

const INFER_OPTIONS = {
  cache: true,
  sample: true,
  ttlMs: true,
  timeoutMs: true,
  signal: true,
} as const satisfies Record<keyof InferOptions, true>;
const BATCH_OPTIONS = {
  ...INFER_OPTIONS,
  concurrency: true,
  onProgress: true,
} as const satisfies Record<keyof BatchOptions, true>;
const STREAM_OPTIONS = { ...BATCH_OPTIONS, window: true } as const satisfies Record<keyof StreamOptions, true>;
const MODES: readonly unknown[] = ["default", "reload", "no-store", "only-if-cached"] satisfies CacheMode[];

export function checkInferOptions(where: string, options: InferOptions): void {
  checkOptions(where, options, INFER_OPTIONS);
  checkValues(where, options);
}

export function checkBatchOptions(where: string, options: BatchOptions): void {
  checkOptions(where, options, BATCH_OPTIONS);
  checkValues(where, options);
}

export function checkStreamOptions(where: string, options: StreamOptions): void {
  checkOptions(where, options, STREAM_OPTIONS);
  checkValues(where, options);
}

export function checkSampleOption(where: string, options: Pick<InferOptions, "sample">): void {
  checkOptions(where, options, { sample: true });
  checkValues(where, options);
}

export function checkCacheMode(where: string, cache: CacheMode | undefined): void {
  if (cache !== undefined && !MODES.includes(cache)) throw invalidOption(where, "cache", `one of ${MODES.join(", ")}`);
}

function checkValues(where: string, options: StreamOptions): void {
  checkCacheMode(where, options.cache);
  checkCount(where, "sample", options.sample, 0);
  checkCount(where, "ttlMs", options.ttlMs);
  checkCount(where, "timeoutMs", options.timeoutMs);
  checkCount(where, "concurrency", options.concurrency);
  checkCount(where, "window", options.window);
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw invalidOption(where, "signal", "an AbortSignal");
  }
}
