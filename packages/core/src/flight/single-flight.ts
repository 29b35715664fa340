import { type CallBudget, UNLIMITED } from "../concurrency/call-budget.ts";
import type { CacheStore } from "../contracts/cache-store.ts";
import type { CacheMode } from "../engine/call.ts";

/**
 * One running call that any number of callers wait for. It goes on while at least one caller waits: an abort by one caller
 * costs the others nothing. It is plain data, since a hit makes one, too.
 */
export interface Flight<T> {
  /** Settles with the call, also where no caller waits any more. */
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
  /** Whether the callers' time runs. */
  hasBegun: boolean;
  /** Whether the flight is finished even if no caller waits any more: what is paid for is stored. */
  isCommitted: boolean;
  cancelled: { readonly reason: unknown } | undefined;
  controller: AbortController | undefined;
}

export function createFlight<T>(owner: object): Flight<T> {
  return {
    outcome: undefined as unknown as Promise<T>, // The call needs the flight before it starts.
    owner,
    isShared: false,
    hasGuests: false,
    unlimited: 0,
    budgets: undefined,
    hasBegun: false,
    isCommitted: false,
    cancelled: undefined,
    controller: undefined,
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

/** From here on the flight cannot be cancelled. */
export function commit(flight: Flight<unknown>): void {
  flight.isCommitted = true;
}

export function cancel(flight: Flight<unknown>, reason: unknown): void {
  if (flight.isCommitted || flight.cancelled !== undefined) return;
  flight.cancelled = { reason };
  flight.controller?.abort(reason);
}

/** Aborted when the flight is cancelled. It is made on demand: a hit ends without one. */
export function signalOf(flight: Flight<unknown>): AbortSignal {
  if (flight.controller === undefined) {
    flight.controller = new AbortController();
    if (flight.cancelled !== undefined) flight.controller.abort(flight.cancelled.reason);
  }
  return flight.controller.signal;
}

export function throwIfCancelled(flight: Flight<unknown>): void {
  if (flight.cancelled !== undefined) throw flight.cancelled.reason;
}

/** Milliseconds that the most patient caller still waits. */
export function remainingMs(flight: Flight<unknown>): number {
  if (flight.unlimited > 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...Array.from(flight.budgets ?? [], (caller) => caller.remainingMs()));
}

/** The flights over one store that callers may join. Only calls of the modes `"default"` and `"reload"` are joined. */
export interface RunningFlights {
  /** The flight that a call of this mode joins. A `reload` wants an answer newer than itself, so it joins another `reload` alone. */
  find(key: string, mode: CacheMode): Flight<unknown> | undefined;
  add(key: string, mode: CacheMode, flight: Flight<unknown>): void;
  remove(key: string, mode: CacheMode, flight: Flight<unknown>): void;
}

/** Flights are known per store object, so that clients over one store join each other's calls. */
const flightsByStore = new WeakMap<CacheStore, RunningFlights>();

export function runningFlights(store: CacheStore): RunningFlights {
  const known = flightsByStore.get(store);
  if (known !== undefined) return known;

  const defaults = new Map<string, Flight<unknown>>();
  const reloads = new Map<string, Flight<unknown>>();
  function mapOf(mode: CacheMode): Map<string, Flight<unknown>> | undefined {
    return mode === "default" ? defaults : mode === "reload" ? reloads : undefined;
  }
  function running(flight: Flight<unknown> | undefined): Flight<unknown> | undefined {
    return flight?.cancelled === undefined ? flight : undefined;
  }
  const flights: RunningFlights = {
    find(key, mode) {
      if (mode === "reload") return running(reloads.get(key));
      if (mode !== "default") return undefined;
      return running(defaults.get(key)) ?? (reloads.size > 0 ? running(reloads.get(key)) : undefined);
    },
    add(key, mode, flight) {
      mapOf(mode)?.set(key, flight);
    },
    remove(key, mode, flight) {
      const flights = mapOf(mode);
      if (flights?.get(key) === flight) flights.delete(key);
    },
  };
  flightsByStore.set(store, flights);
  return flights;
}
