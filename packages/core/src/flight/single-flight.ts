import { type CallBudget, UNLIMITED } from "../concurrency/call-budget.ts";
import { raceSignal } from "../concurrency/race-signal.ts";
import type { AnswerSource, CacheMode } from "../contracts/call.ts";
import type { TokenCount } from "../contracts/surface.ts";

/**
 * One running call that any number of callers wait for. It continues while at least one caller waits, so one caller's abort
 * does not affect the others. It is plain data, because each hit makes one, too.
 */
export interface Flight<T> {
  readonly key: string;
  readonly mode: CacheMode;
  /** Settles with the call, even if no caller waits any more. */
  outcome: Promise<T>;
  /** Identifies the client that has started it. */
  readonly owner: object;
  /** Whether another caller has joined: then each gets a copy of the outcome. */
  isShared: boolean;
  /** Whether a caller of another client has joined. */
  hasGuests: boolean;
  /** How many callers wait without signal or timeout. They are only counted. */
  unlimited: number;
  /** The budgets of the other callers. */
  budgets: Set<CallBudget> | undefined;
  /** Whether the callers' budgets have started. */
  hasBegun: boolean;
  /** Whether the flight continues even if no caller waits any more, to store an answer that is paid for. */
  isCommitted: boolean;
  hasEnded: boolean;
  /** When the request to the provider was started, by `performance.now()`. Undefined until then. */
  startedAt: number | undefined;
  /** Resolves once the answer is stored, or cannot be; undefined while nothing is being stored. */
  storing: Promise<void> | undefined;
  /** Why the provider's answer is not stored. Set before `storing` resolves. */
  notStored: string | undefined;
  /** The tokens of the provider's answer, once it has arrived. Undefined if the surface cannot tell. */
  paid: TokenCount | undefined;
  cancelled: { readonly reason: unknown } | undefined;
  controller: AbortController | undefined;
  /** The data that `ask` has announced before the first chunk. */
  head: object | undefined;
  /** The chunks so far, if the answer is streamed: each follower reads them from the first one. */
  chunks: object[] | undefined;
  /** Resolves with the head, with the next chunk, or when the flight ends. */
  progress: PromiseWithResolvers<void> | undefined;
  /** The next flight in the same bucket of `RunningFlights`. */
  next: Flight<unknown> | undefined;
}

export function createFlight<T>(key: string, mode: CacheMode, owner: object): Flight<T> {
  return {
    key,
    mode,
    outcome: undefined as unknown as Promise<T>, // The call needs the flight before it starts.
    owner,
    isShared: false,
    hasGuests: false,
    unlimited: 0,
    budgets: undefined,
    hasBegun: false,
    isCommitted: false,
    hasEnded: false,
    startedAt: undefined,
    storing: undefined,
    notStored: undefined,
    paid: undefined,
    cancelled: undefined,
    controller: undefined,
    head: undefined,
    chunks: undefined,
    progress: undefined,
    next: undefined,
  };
}

export function join(flight: Flight<unknown>, caller: CallBudget): void {
  if (caller === UNLIMITED) flight.unlimited += 1;
  else {
    flight.budgets ??= new Set();
    flight.budgets.add(caller);
    if (flight.hasBegun) caller.start();
  }
}

/** The last caller to leave cancels the flight. */
export function leave(flight: Flight<unknown>, caller: CallBudget): void {
  if (caller === UNLIMITED) flight.unlimited -= 1;
  else flight.budgets?.delete(caller);
  if (flight.unlimited === 0 && !flight.budgets?.size) cancel(flight, caller.signal?.reason);
}

/** Starts the callers' budgets. */
export function begin(flight: Flight<unknown>): void {
  if (flight.hasBegun) return;
  flight.hasBegun = true;
  for (const caller of flight.budgets ?? []) caller.start();
}

/** Gives the data before the first chunk to all followers. */
export function announce(flight: Flight<unknown>, head: object): void {
  flight.head = head;
  wakeFollowers(flight);
}

/** Gives a chunk of the answer to all followers. */
export function publish(flight: Flight<unknown>, chunk: object): void {
  flight.chunks ??= [];
  flight.chunks.push(chunk);
  wakeFollowers(flight);
}

/** Resolves with the head, with the next chunk, or when the flight ends. Rejects with the signal's reason. */
export function progress(flight: Flight<unknown>, signal: AbortSignal | undefined): Promise<void> {
  flight.progress ??= Promise.withResolvers();
  return raceSignal(flight.progress.promise, signal);
}

/** Ends the flight for its followers. */
export function end(flight: Flight<unknown>): void {
  flight.isCommitted = true;
  flight.hasEnded = true;
  wakeFollowers(flight);
}

function wakeFollowers(flight: Flight<unknown>): void {
  flight.progress?.resolve();
  flight.progress = undefined;
}

/** From here on the flight cannot be cancelled. */
export function commit(flight: Flight<unknown>): void {
  flight.isCommitted = true;
}

export function cancel(flight: Flight<unknown>, reason: unknown): void {
  if (flight.isCommitted || flight.cancelled !== undefined) return;
  flight.cancelled = { reason };
  flight.controller?.abort(reason);
}

/** Aborted when the flight is cancelled. It is made on demand, because a hit never needs it. */
export function signalOf(flight: Flight<unknown>): AbortSignal {
  if (flight.controller === undefined) {
    flight.controller = new AbortController();
    if (flight.cancelled !== undefined) flight.controller.abort(flight.cancelled.reason);
  }
  return flight.controller.signal;
}

/** The source of a provider's answer for a caller that has joined this flight. */
export const sourceOf = (joined: Flight<unknown> | undefined): AnswerSource =>
  joined === undefined ? "provider" : joined.hasEnded ? "store" : "flight";

export function throwIfCancelled(flight: Flight<unknown>): void {
  if (flight.cancelled !== undefined) throw flight.cancelled.reason;
}

/** Milliseconds until the budget of the last caller is used up. */
export function remainingMs(flight: Flight<unknown>): number {
  if (flight.unlimited > 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...Array.from(flight.budgets ?? [], (caller) => caller.remainingMs()));
}
