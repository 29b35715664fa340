import type { CacheStore } from "../contracts/cache-store.ts";
import type { AnswerSource, Call, CallLimits, Following, Outcome, ReplayOptions } from "../contracts/call.ts";
import { checkContract, checkCount, checkOptions } from "../errors/check-options.ts";
import { invalidOption } from "../errors/errors.ts";
import type { Logger, RememEvent } from "../observe/events.ts";
import type { Journal, JournalCall } from "../observe/journal.ts";
import type { ClientStats } from "../observe/stats.ts";
import type { Access } from "./access.ts";

/** A read-through cache: it answers calls of any surface from the store, and asks the provider on a miss. */
export interface ReadThrough extends AsyncDisposable {
  /**
   * Answers the call from the store, from an identical call that is running, or else from the provider.
   * @throws {ProviderError} when the provider failed or `timeoutMs` is used up
   * @throws {CacheMissError} with `only-if-cached`
   * @throws the reason of `signal`, once that is aborted
   */
  get<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    limits?: CallLimits,
    access?: Access,
  ): Promise<Outcome<Answer>>;
  /**
   * Answers the call as `get` does, and yields the chunks of the answer as `ask` publishes them. The call continues at the pace
   * of the provider, even if the caller reads slowly.
   */
  follow<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    limits?: CallLimits,
    replay?: ReplayOptions,
  ): Following<Answer>;
  /** Whether the store has an answer that `get` would serve. Rejects if the store fails. */
  has<Request extends object, Answer extends object>(call: Call<Request, Answer>): Promise<boolean>;
  /** Deletes a stored answer, and returns whether there was one. Rejects if the store fails. */
  delete(key: string): Promise<boolean>;
  /** For the calls of one batch: reads in bulk, and at most `concurrency` calls of the provider at a time. */
  batchAccess(concurrency: number | "auto"): Access;
  /** The stored answers to calls, in their order. Counts nothing, and asks no provider. */
  find<Request extends object, Answer extends object>(
    calls: ReadonlyArray<Pick<Call<Request, Answer>, "key" | "surface">>,
  ): Promise<ReadonlyArray<Answer | undefined>>;
  /**
   * Stores an answer from elsewhere as if a call had asked for it, and replaces a stored one. Returns the reason if it is not
   * stored.
   * @throws {ProviderError} if it is not an answer of its surface
   */
  put<Request extends object, Answer extends object>(
    call: Call<Request, Answer>,
    answer: Answer,
  ): Promise<string | undefined>;
  /** Counts and reports an answer that a caller gets without `get`. */
  account<Request extends object, Answer extends object>(
    call: Pick<Call<Request, Answer>, "key" | "surface">,
    answer: Answer,
    source: AnswerSource,
  ): void;
  /** Records an answer, or a failure, that a caller gets without `get`. */
  record<Request extends object, Answer extends object>(
    call: Pick<Call<Request, Answer>, "key" | "surface" | "request" | "mode">,
    facts: RecordedFacts<Answer>,
  ): void;
  /** The counts since its creation. */
  stats(): ClientStats;
  /** Refuses new calls, lets running ones finish (5 s, then they are aborted), closes the store once its last user closes it. */
  close(): Promise<void>;
}

/** The facts that `record` takes. */
export interface RecordedFacts<Answer extends object>
  extends Pick<JournalCall, "source" | "durationMs" | "notStored" | "error" | "deferred"> {
  /** Undefined for a failure. */
  readonly answer: Answer | undefined;
}

/** The options of `createReadThrough`. */
export interface ReadThroughOptions {
  /** Keeps the answers. Closed with the last cache that uses it. */
  readonly store: CacheStore;
  /** `"bypass"`, the default: a failing store costs a call and is reported. `"throw"`: the call rejects with a `StoreError`. */
  readonly onStoreError?: "bypass" | "throw" | undefined;
  /** The time limit of a store operation, in milliseconds. 35,000 by default: longer than `sqliteStore` waits for a lock. */
  readonly storeTimeoutMs?: number | undefined;
  /**
   * The largest answer that is stored, in bytes of its entry. 8 MiB by default; a larger one is reported. The request does not
   * count: a request that may be sent may be stored, too.
   */
  readonly maxEntryBytes?: number | undefined;
  /** Whether the request is stored beside its answer. True by default. */
  readonly storeRequest?: boolean | undefined;
  /** Called for each event, such as a hit or an answer that is not stored. If it throws, the client emits a process warning. */
  readonly onEvent?: ((event: RememEvent) => void) | undefined;
  /** Silent by default. */
  readonly logger?: Logger | undefined;
  /** Called for each call as a journal records it, once the call has ended. If it throws, the client emits a process warning. */
  readonly onCall?: ((call: JournalCall) => void) | undefined;
  /** Records each call: see `fileJournal` of `@remem/core/journal`. None by default. Closed with the last cache that uses it. */
  readonly journal?: Journal | undefined;
}

/** The names of the options of `createReadThrough`, for functions that take them beside options of their own. */
export const READ_THROUGH_OPTIONS: Readonly<Record<keyof ReadThroughOptions, true>> = {
  store: true,
  onStoreError: true,
  storeTimeoutMs: true,
  maxEntryBytes: true,
  storeRequest: true,
  onEvent: true,
  logger: true,
  onCall: true,
  journal: true,
};

/** The options of the cache alone, for a function that takes more. */
export function readThroughOptions(options: ReadThroughOptions): ReadThroughOptions {
  const names = Object.keys(READ_THROUGH_OPTIONS) as Array<keyof ReadThroughOptions>;
  return Object.fromEntries(names.map((name) => [name, options[name]])) as object as ReadThroughOptions;
}

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkReadThroughOptions(where: string, options: ReadThroughOptions): void {
  checkOptions(where, options, READ_THROUGH_OPTIONS);
  const { store, onStoreError, storeTimeoutMs, maxEntryBytes, journal, onCall } = options;
  checkContract(where, "store", store, ["get", "set", "delete", "clear", "close"]);
  checkCount(where, "storeTimeoutMs", storeTimeoutMs);
  checkCount(where, "maxEntryBytes", maxEntryBytes);
  if (onStoreError !== undefined && onStoreError !== "bypass" && onStoreError !== "throw") {
    throw invalidOption(where, "onStoreError", '"bypass" or "throw"');
  }
  if (onCall !== undefined && typeof onCall !== "function") throw invalidOption(where, "onCall", "a function");
  if (journal !== undefined) checkContract(where, "journal", journal, ["record"]);
}
