import type { ProviderError } from "../errors/errors.ts";

/** The context of a request to the Batch API. */
export interface DeferredContext {
  /** Aborted when the caller no longer waits. */
  readonly signal: AbortSignal;
}

/** The context of a request for the answers of a batch. */
export interface CollectContext extends DeferredContext {
  /** Returns the id of a line, counted from 0, for an API that changes ids. Undefined if the batch has no such line. */
  idAt(line: number): Promise<string | undefined>;
}

/** The limits of one batch of a server. */
export interface DeferredLimits {
  /** The maximum number of requests in a batch. */
  readonly maxRequests: number;
  /** The largest file in bytes. */
  readonly maxBytes: number;
}

/** A batch to submit. */
export interface DeferredSubmission {
  /** The unique name of the submission. The server keeps it with the batch, so that `find` finds a batch whose id was lost. */
  readonly token: string;
  /** The group of all its requests, as `groupOf` returned it. */
  readonly group: string;
  /** The number of lines. */
  readonly total: number;
  /** The size of `lines` in bytes, with a line break after each. */
  readonly bytes: number;
  /** The lines, as `line` made them. May be called again for another attempt. */
  lines(): AsyncIterable<string>;
  /** The file of an earlier attempt. The provider uses it instead of another upload. */
  readonly fileId: string | undefined;
  /**
   * The provider must await this after the upload, and before it creates the batch, so that a process that dies in between can
   * find the file. An API without files passes other data that `find` needs.
   */
  uploaded(fileId: string): Promise<void>;
}

/** A batch whose id was lost. */
export interface LostSubmission extends Pick<DeferredSubmission, "token" | "fileId" | "total"> {
  /** Reads from the store the ids of other batches. */
  others(): Promise<ReadonlySet<string>>;
}

/** Why a server cannot tell yet whether it has a batch. */
export interface DeferredDoubt {
  /** Never set: that tells it from a batch. */
  readonly id?: undefined;
  /** The reason in words, such as which batch may be the right one. */
  readonly problem: string;
}

/** A batch as its server reports it. */
export interface DeferredBatch {
  /** The server's id. */
  readonly id: string;
  /** The server's word for its state, such as `in_progress`. */
  readonly status: string;
  /** The state of the batch. `"failed"`: the server has executed none of its requests. */
  readonly state: "running" | "completed" | "partial" | "failed";
  /** The number of its requests, and of those that are done, if the server reports them. */
  readonly counts?: DeferredCounts | undefined;
  /** Why a batch has failed. */
  readonly problems: readonly DeferredProblem[];
  /** The files of its answers and of its errors, if there are any. */
  readonly files: readonly string[];
}

/** How many requests of a batch are done. */
export interface DeferredCounts {
  /** The number of all requests. */
  readonly total: number;
  /** The number of answered requests. */
  readonly completed: number;
  /** The number of failed requests. */
  readonly failed: number;
}

/** Why a batch has failed. */
export interface DeferredProblem {
  /** The server's code. */
  readonly code: string;
  /** The server's words. */
  readonly message: string;
  /** The line of the problem, counted from 1, if there is one. */
  readonly line?: number | undefined;
  /**
   * Whether the server accepts fewer requests per batch than the provider expects. The client then submits two smaller batches.
   */
  readonly isTooLarge?: boolean | undefined;
  /** Whether too many requests already wait on the server. It may accept the same batch later, or a smaller one now. */
  readonly isQueueFull: boolean;
}

/** The result of one request of a batch. */
export type DeferredAnswer<Answer extends object = object> =
  | { readonly id: string; readonly completion: Answer }
  | {
      readonly id: string;
      readonly error: ProviderError;
      /** Whether the server reports that it has not executed the request, so the client may submit it again. */
      readonly isUnasked: boolean;
    };

/**
 * The API of a server that answers files of requests later, for less. Files are streamed, and never held as a whole. All functions
 * reject with a `ProviderError`, or with the signal's reason once that is aborted.
 */
export interface DeferredApi<Request extends object = object, Answer extends object = object> {
  /** The limits of one batch. */
  readonly limits: DeferredLimits;
  /** Requests with equal groups may be in one batch. Lists of batches show the group as the model. */
  groupOf(request: Request): string;
  /** The line of a file for a request, without a line break. The id comes back with its answer. */
  line(id: string, request: Request): string;
  /**
   * Uploads the lines and creates a batch. It retries an upload, but not the creation: if that fails without a status from
   * 400 to 499, the batch may exist.
   */
  submit(submission: DeferredSubmission, context: DeferredContext): Promise<DeferredBatch>;
  /**
   * Finds the batch that was submitted with this token or this file. Returns undefined if the server does not have it. If
   * the server cannot tell yet, it returns the reason, and the job asks again later.
   */
  find(submission: LostSubmission, context: DeferredContext): Promise<DeferredBatch | DeferredDoubt | undefined>;
  /** The batch as it is now. */
  poll(id: string, context: DeferredContext): Promise<DeferredBatch>;
  /** Yields the results of a batch that has ended, in any order. */
  collect(batch: DeferredBatch, context: CollectContext): AsyncIterable<DeferredAnswer<Answer>>;
  /** Cancels a batch. Requests that were executed are paid for and answered. */
  cancel(id: string, context: DeferredContext): Promise<DeferredBatch>;
  /** Converts an answer to the one that a direct call would have stored for this request. By default it stays the same. */
  read?(completion: Answer, request: Request): Answer;
}
