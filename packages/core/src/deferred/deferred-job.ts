import type { DeferredCounts } from "../contracts/deferred-api.ts";
import type { RememError } from "../errors/errors.ts";

/** The options of a deferred job. */
export interface DeferredOptions {
  /** The number of independent answers to each request, as in `batchInfer`. One by default. */
  readonly samples?: number | undefined;
  /** The time to live of the answers in milliseconds. Forever by default. */
  readonly ttlMs?: number | undefined;
  /** Aborts calls of the job. Submitted batches continue. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of `results`. */
export interface DeferredResultsOptions {
  /** The interval at which the job checks its batches, in milliseconds. 60,000 by default. */
  readonly pollMs?: number | undefined;
  /** Called with each status while it waits. */
  readonly onStatus?: ((status: DeferredStatus) => void) | undefined;
}

/**
 * Requests that the Batch API of a server answers later, for less. What is under way is noted in the store: the same requests make the
 * same job in every process and on every host that shares the store, and no request is in two batches.
 */
export interface DeferredJob<Result extends object> {
  /** Opens the job again, in another process, too: `deferred(id)`. It is the same for the same requests. */
  readonly id: string;
  /**
   * Asks the server once, stores what it has answered, and asks again for what a batch has left: it may have expired, or have been
   * cancelled.
   */
  status(): Promise<DeferredStatus>;
  /** The answers in the order of the requests, once all are there. A failure stands in its place. */
  results(options?: DeferredResultsOptions): AsyncGenerator<Result, void, undefined>;
  /** The same without waiting: undefined stands in the place of what is not answered yet. */
  settled(): AsyncGenerator<Result | undefined, void, undefined>;
  /**
   * Forgets the job once its results are where they belong: its failures, which the same requests then ask for again, and answers
   * that are not worth storing. Stored answers stay.
   */
  forget(): Promise<void>;
}

/** Stands in the place of a request that failed. */
export interface DeferredFailure {
  /** The reason of the failure. */
  readonly error: RememError;
  /** The key of the request. Left out where the request was invalid, and so has none. */
  readonly key?: string;
  /** A failure is never a hit. */
  readonly cacheHit: false;
}

/** How far a job is. */
export interface DeferredStatus {
  /** All answers that the job has asked for. */
  readonly total: number;
  /** Those that wait for a batch. */
  readonly waiting: number;
  /** Distinct requests that are not asked for, since the budget is used up. */
  readonly unasked: number;
  /** The batches that are waited for. */
  readonly batches: readonly DeferredBatchStatus[];
}

/** A batch as the store knows it. */
export interface DeferredBatchStatus {
  /** What remem calls it. */
  readonly token: string;
  /** What its server calls it, once that has it. */
  readonly id: string | undefined;
  /** The provider that has submitted it. */
  readonly provider: string;
  /** The model of its requests. */
  readonly model: string;
  /** The server's word for its state; `"waiting"` before it is submitted, and `"ended"` once everything is stored. */
  readonly status: string;
  /** How many requests it has. */
  readonly total: number;
  /** How many are done, where the server has told. */
  readonly counts: DeferredCounts | undefined;
  /** When its first request was added, in Unix milliseconds. */
  readonly createdAt: number;
  /** Why it waits, or has failed, in words of its server. */
  readonly problem: string | undefined;
}

/** A batch that can be cancelled. */
export interface ListedBatch extends DeferredBatchStatus {
  /** Asks the server how far it is. Stores nothing. */
  refresh(): Promise<DeferredBatchStatus>;
  /**
   * Cancels it. What was executed until then is paid for and stored by whoever asks next for it; the rest fails, and is asked again by
   * the next job.
   */
  cancel(): Promise<void>;
}
