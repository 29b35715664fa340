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
 * Requests that a server's Batch API answers later, at a lower price. The store keeps the state of the job: identical requests
 * make the same job in every process and on every host that shares the store, and no request is in two batches.
 */
export interface DeferredJob<Result extends object> {
  /** The id with which `deferred(id)` opens the job again, also in another process. Identical requests have the same id. */
  readonly id: string;
  /**
   * Asks the server once and stores its answers. It submits the requests again that a batch has left unanswered, for example
   * because it expired.
   */
  status(): Promise<DeferredStatus>;
  /** The answers in the order of the requests, once all have arrived. A failure stands in the place of its answer. */
  results(options?: DeferredResultsOptions): AsyncGenerator<Result, void, undefined>;
  /** The same without waiting: undefined stands in the place of a missing answer. */
  settled(): AsyncGenerator<Result | undefined, void, undefined>;
  /**
   * Forgets the job, for a caller that has saved its results. It deletes the failures, so that identical requests are submitted
   * again, and answers that are not worth storing. Stored answers stay.
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

/** The progress of a job. */
export interface DeferredStatus {
  /** All answers that the job has asked for. */
  readonly total: number;
  /** The answers that wait for a batch. */
  readonly waiting: number;
  /** Distinct requests that are not submitted, because the budget is used up. */
  readonly unasked: number;
  /** The batches that the job waits for. */
  readonly batches: readonly DeferredBatchStatus[];
}

/** A batch as the store knows it. */
export interface DeferredBatchStatus {
  /** Its name in remem. */
  readonly token: string;
  /** Its id on the server. Undefined until the server has the batch. */
  readonly id: string | undefined;
  /** The provider that has submitted it. */
  readonly provider: string;
  /** The model of its requests. */
  readonly model: string;
  /** The server's word for its state; `"waiting"` before it is submitted, and `"ended"` once everything is stored. */
  readonly status: string;
  /** How many requests it has. */
  readonly total: number;
  /** How many are done, if the server has reported it. */
  readonly counts: DeferredCounts | undefined;
  /** When its first request was added, in Unix milliseconds. */
  readonly createdAt: number;
  /** Why it waits, or has failed, in the server's words. */
  readonly problem: string | undefined;
}

/** A batch that can be cancelled. */
export interface ListedBatch extends DeferredBatchStatus {
  /** Asks the server for its progress. Stores nothing. */
  refresh(): Promise<DeferredBatchStatus>;
  /**
   * Cancels it. Executed requests are paid for, and the next job that asks for them stores their answers. The others fail, and
   * the next job submits them again.
   */
  cancel(): Promise<void>;
}
