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
  /** The model that the request names, where the surface can tell. */
  readonly model: string | undefined;
  /** The use of the store. */
  readonly mode: CacheMode;
  /**
   * Where the answer came from. A failed call has the source that its answer would have had: `"provider"` for the call that has
   * asked, `"flight"` for those that joined it, `"store"` for `only-if-cached`.
   */
  readonly source: AnswerSource;
  /**
   * What the answer cost when it was paid for, where the surface can tell. A failed call has tokens where its answer has arrived
   * all the same and is paid for.
   */
  readonly tokens: TokenCount | undefined;
  /** Whether a Batch API has answered it, which servers take half the price for. It waited from when its batch was begun. */
  readonly deferred?: true | undefined;
  /** How long the caller waited, in milliseconds. A call that has asked the provider counts from then: it may have had to queue. */
  readonly durationMs: number;
  /** Why the answer was paid for and is not stored: a reason of `ClientStats.notStored`. */
  readonly notStored: string | undefined;
  /** The code of the error that the call failed with; `"ABORTED"` where its caller left. */
  readonly error: RememErrorCode | undefined;
}
