import type { AnswerSource, CacheMode } from "../contracts/call.ts";
import type { TokenCount } from "../contracts/surface.ts";
import type { RememErrorCode } from "../errors/error-code.ts";

/** Records calls, for statistics. `fileJournal` of `@remem/core/journal` writes them to a file; an object literal is enough. */
export interface Journal {
  /** The version of this contract. */
  readonly specVersion: 1;
  /**
   * Records a call that has ended. It delays the caller, so it should only keep the record. If it throws, the client emits a
   * process warning.
   */
  record(call: JournalCall): void;
  /** Writes the remaining records. Called when the last client that uses the journal is closed. */
  close?(): Promise<void>;
}

/**
 * A call that was answered, or that failed after the provider was asked. Also a call with `only-if-cached` that found nothing.
 * It contains neither the request nor the answer.
 */
export interface JournalCall {
  /** When the call ended, in Unix milliseconds. */
  readonly at: number;
  /** The request's key. */
  readonly key: string;
  /** The name of the surface: `"chat"`, or one of your own. */
  readonly surface: string;
  /** The model that the request names, if the surface can tell. */
  readonly model: string | undefined;
  /** The use of the store. */
  readonly mode: CacheMode;
  /**
   * The source of the answer. A failed call has the source that its answer would have had: `"provider"` for the call that has
   * asked, `"flight"` for a call that joined it, `"store"` for `only-if-cached`.
   */
  readonly source: AnswerSource;
  /**
   * The tokens that the answer cost when it was paid for, if the surface can tell. A failed call has tokens if its answer has
   * arrived all the same and is paid for.
   */
  readonly tokens: TokenCount | undefined;
  /** Whether a Batch API has answered it, for which servers take half the price. Its wait began with its batch. */
  readonly deferred?: true | undefined;
  /**
   * How long the caller waited, in milliseconds. The wait of a call that has asked the provider counts from then, because the
   * call may have queued before.
   */
  readonly durationMs: number;
  /** Why an answer that was paid for is not stored: a reason of `ClientStats.notStored`. */
  readonly notStored: string | undefined;
  /** The code of the error that the call failed with; `"ABORTED"` where its caller left. */
  readonly error: RememErrorCode | undefined;
}
