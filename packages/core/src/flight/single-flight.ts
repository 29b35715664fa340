import type { CacheStore } from "../contracts/cache-store.ts";
import type { CacheMode } from "../options.ts";
import { ENDLESS, type Patience } from "./call-budget.ts";

/** One running piece of work that any number of callers wait for. */
export interface Flight<T> {
  /** Settles with the work, whoever still waits. */
  readonly outcome: Promise<T>;
  /** Whether it was given up: the last caller has left, or `cancel` was called. */
  isCancelled(): boolean;
  join(caller: Patience): void;
  leave(caller: Patience): void;
  cancel(reason: unknown): void;
}

/** What the work may ask and tell while it is under way. */
export interface FlightControls {
  /** Aborted when the flight is cancelled. Made for those who ask: a hit is over before anybody does. */
  signal(): AbortSignal;
  /** Milliseconds that the most patient caller will still wait. */
  remainingMs(): number;
  /** From here on the callers' budgets run. */
  begin(): void;
  /** From here on the work is finished though nobody waits any more: what is paid for is kept. */
  commit(): void;
}

/**
 * Starts the work at once. It goes on while at least one caller waits: an abort by one costs the others nothing.
 * `ended` is called when the work is settled.
 */
export function startFlight<T>(work: (controls: FlightControls) => Promise<T>, ended: () => void): Flight<T> {
  // Most wait for as long as it takes, and need not be told apart.
  let endless = 0;
  let others: Set<Patience> | undefined;
  let begun = false;
  let committed = false;
  let cancelled: { readonly reason: unknown } | undefined;
  let controller: AbortController | undefined;

  function begin(): void {
    begun = true;
    for (const caller of others ?? []) caller.start();
  }
  function commit(): void {
    committed = true;
  }
  function cancel(reason: unknown): void {
    if (committed || cancelled !== undefined) return;
    cancelled = { reason };
    controller?.abort(reason);
  }
  function signal(): AbortSignal {
    if (controller === undefined) {
      controller = new AbortController();
      if (cancelled !== undefined) controller.abort(cancelled.reason);
    }
    return controller.signal;
  }
  function remainingMs(): number {
    if (endless > 0) return Number.POSITIVE_INFINITY;
    return Math.max(0, ...Array.from(others ?? [], (caller) => caller.remainingMs()));
  }
  function end(): void {
    commit();
    ended();
  }

  const outcome = work({ signal, remainingMs, begin, commit });
  outcome.then(end, end); // Nobody may be left to see it fail, which is no reason to end the process.

  return {
    outcome,
    isCancelled: () => cancelled !== undefined,
    join(caller) {
      if (caller === ENDLESS) endless += 1;
      else others = (others ?? new Set()).add(caller);
      if (begun) caller.start();
    },
    leave(caller) {
      if (caller === ENDLESS) endless -= 1;
      else others?.delete(caller);
      if (endless === 0 && !others?.size) cancel(caller.signal?.reason);
    },
    cancel,
  };
}

/** The calls that run over one store and may be joined. Of no other mode than `"default"` and `"reload"` any is known. */
export interface RunningCalls<T> {
  has(key: string): boolean;
  /** What a call of this mode joins: a `reload` wants an answer newer than itself, so it joins another `reload` alone. */
  find(key: string, mode: CacheMode): Flight<T> | undefined;
  add(key: string, mode: CacheMode, flight: Flight<T>): void;
  remove(key: string, mode: CacheMode, flight: Flight<T>): void;
}

/** Running calls are known per store object, so that clients over one store join each other. */
const runningOver = new WeakMap<CacheStore, unknown>();

export function runningCalls<T>(store: CacheStore): RunningCalls<T> {
  const known = runningOver.get(store);
  if (known !== undefined) return known as RunningCalls<T>;

  type ByKey = Map<string, Flight<T>>;
  const flights: { readonly [Mode in CacheMode]?: ByKey } = { default: new Map(), reload: new Map() };
  function running(key: string, mode: CacheMode): Flight<T> | undefined {
    const flight = flights[mode]?.get(key);
    return flight?.isCancelled() ? undefined : flight;
  }
  function find(key: string, mode: CacheMode): Flight<T> | undefined {
    return running(key, mode) ?? (mode === "default" ? running(key, "reload") : undefined);
  }
  const calls: RunningCalls<T> = {
    has: (key) => find(key, "default") !== undefined,
    find,
    add(key, mode, flight) {
      flights[mode]?.set(key, flight);
    },
    remove(key, mode, flight) {
      if (flights[mode]?.get(key) === flight) flights[mode].delete(key);
    },
  };
  runningOver.set(store, calls);
  return calls;
}
