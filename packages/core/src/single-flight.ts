import type { CacheStore } from "./cache-store.ts";
import { orAborted, type Patience } from "./patience.ts";

/** One running piece of work that any number of callers wait for. */
export interface Flight<T> {
  /** Settles with the work, whoever still waits. */
  readonly outcome: Promise<T>;
  /** Aborted when the last caller has left, or by `cancel`. */
  readonly signal: AbortSignal;
  wait(caller: Patience): Promise<T>;
  cancel(reason: unknown): void;
}

/** What the work may ask and tell while it is under way. */
export interface FlightControls {
  readonly signal: AbortSignal;
  /** Milliseconds that the most patient caller will still wait. */
  remainingMs(): number;
  /** From here on the callers' budgets run. */
  begin(): void;
  /** From here on the work is finished though nobody waits any more: what is paid for is kept. */
  commit(): void;
}

/** Starts the work at once. It goes on while at least one caller waits: an abort by one costs the others nothing. */
export function startFlight<T>(work: (controls: FlightControls) => Promise<T>): Flight<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const callers = new Set<Patience>();
  let begun = false;
  let committed = false;

  function begin(): void {
    begun = true;
    for (const caller of callers) caller.start();
  }
  function commit(): void {
    committed = true;
  }
  function cancel(reason: unknown): void {
    if (!committed) controller.abort(reason);
  }
  function remainingMs(): number {
    return Math.max(0, ...Array.from(callers, (caller) => caller.remainingMs()));
  }

  const outcome = work({ signal, remainingMs, begin, commit });
  outcome.then(commit, commit); // Nobody may be left to see it fail, which is no reason to end the process.

  return {
    outcome,
    signal,
    cancel,
    async wait(caller) {
      callers.add(caller);
      if (begun) caller.start();
      try {
        return await orAborted(outcome, caller.signal);
      } finally {
        callers.delete(caller);
        if (callers.size === 0) cancel(caller.signal?.reason);
      }
    },
  };
}

/** The calls that run over one store and may be joined. */
export interface RunningCalls<T> {
  /** What a call of this mode joins: a `reload` wants an answer newer than itself, so it joins another `reload` alone. */
  find(key: string, mode: JoinableMode): Flight<T> | undefined;
  add(key: string, mode: JoinableMode, flight: Flight<T>): void;
}

export type JoinableMode = "default" | "reload";

/** Running calls are known per store object, so that clients over one store join each other. */
const runningOver = new WeakMap<CacheStore, unknown>();

export function runningCalls<T>(store: CacheStore): RunningCalls<T> {
  const known = runningOver.get(store);
  if (known !== undefined) return known as RunningCalls<T>;

  const flights = { default: new Map<string, Flight<T>>(), reload: new Map<string, Flight<T>>() };
  function running(key: string, mode: JoinableMode): Flight<T> | undefined {
    const flight = flights[mode].get(key);
    return flight?.signal.aborted ? undefined : flight;
  }
  const calls: RunningCalls<T> = {
    find: (key, mode) => running(key, mode) ?? (mode === "default" ? running(key, "reload") : undefined),
    add(key, mode, flight) {
      flights[mode].set(key, flight);
      function remove(): void {
        if (flights[mode].get(key) === flight) flights[mode].delete(key);
      }
      flight.outcome.then(remove, remove);
    },
  };
  runningOver.set(store, calls);
  return calls;
}
