import { type Breaker, createBreaker } from "./breaker.ts";
import type { CacheStore, FlightEnd, Flights, Lease, StoreSetOptions } from "./cache-store.ts";
import { createDeadline } from "./deadline.ts";
import { StoreError, storeFailed, storeIsLate, storeRests } from "./errors.ts";
import type { Report } from "./events.ts";
import { createPatience } from "./patience.ts";

/** What a read gave: a value, nothing, or null where the store failed and nobody knows. */
export type Read = string | undefined | null;

/** A store whose failures cost a call, never an answer. */
export interface GuardedStore {
  get(key: string): Promise<Read>;
  getMany(keys: readonly string[]): Promise<readonly Read[]>;
  /** Whether the value was kept. */
  set(key: string, value: string, options: StoreSetOptions): Promise<boolean>;
  readonly flights?: GuardedFlights;
}

/** Flights whose failures let a process go on alone. */
export interface GuardOptions {
  readonly onStoreError: "bypass" | "throw";
  /** What an operation may take. */
  readonly timeoutMs: number;
  readonly report: Report;
}

export interface GuardedFlights {
  /** The lead, also where there is nobody to have it from; undefined while another process has it. */
  enter(key: string): Promise<Lease | undefined>;
  leave(key: string, lease: Lease): Promise<void>;
  /** How the wait ended; `"broken"`: this process had better go on alone. */
  changed(key: string, signal: AbortSignal): Promise<FlightEnd | "broken">;
}

type Operation = "get" | "set" | "enter" | "leave" | "changed";

interface Health extends Breaker {
  lastError?: StoreError;
  /** Whether the process was warned, and not yet told that it is over. */
  warned?: boolean;
}

/** Per operation, because what fails and recovers apart: on a full disk reading works and writing does not. */
const healths = new WeakMap<CacheStore, Record<Operation, Health>>();

/** Longer than any call with all its retries: a leader that lives this long has hung. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** For a process that goes on by itself. */
export const ALONE: Lease = { lost: new AbortController().signal, [Symbol.asyncDispose]: async () => {} };

/**
 * `"bypass"`: a failure is reported, and the call goes on without. `"throw"`: it rejects with a `StoreError`. Flights that fail
 * are gone without in either case: the answer is not theirs.
 */
export function guardStore(store: CacheStore, { onStoreError, timeoutMs, report }: GuardOptions): GuardedStore {
  const { name, flights } = store;
  const health: Record<Operation, Health> = healths.get(store) ?? {
    get: createBreaker(),
    set: createBreaker(),
    enter: createBreaker(),
    leave: createBreaker(),
    changed: createBreaker(),
  };
  healths.set(store, health);
  const within = createDeadline(timeoutMs);

  /**
   * What `run` gives. Where that fails, or `check` throws at it: `otherwise`, and a process warning; unless the failure shall
   * be thrown.
   */
  async function attempt<T>(
    operation: Operation,
    key: string | undefined,
    otherwise: T,
    run: () => PromiseLike<T>,
    check: (outcome: T) => void = anything,
    isSure: boolean = onStoreError === "bypass",
  ): Promise<T> {
    const own = health[operation];
    let error: StoreError;
    // A lead that is not given up is held for as long as the process lives.
    if (operation === "leave" || own.lets()) {
      try {
        const result = await within(run(), () => storeIsLate(name, operation, timeoutMs));
        check(result);
        own.success();
        if (own.warned) report({ type: "store-recovered", store: name, operation });
        own.warned = false;
        return result;
      } catch (cause) {
        error = storeFailed(name, operation, cause);
        own.failure();
        own.lastError = error;
      }
    } else {
      error = storeRests(name, operation, own.lastError);
    }
    report({ type: "store-error", ...(key !== undefined && { key }), store: name, operation, error });
    if (!isSure) throw error;
    if (!own.warned) warn(error);
    own.warned = true;
    return otherwise;
  }
  async function readMany(keys: readonly string[]): Promise<readonly Read[]> {
    const values = await (store.getMany?.(keys) ?? Promise.all(keys.map((key) => store.get(key))));
    if (values.length !== keys.length) throw broken(`${values.length} values for ${keys.length} keys`);
    return values;
  }
  function checkText(value: unknown): void {
    if (value === undefined || typeof value === "string") return;
    throw broken(`a value of type ${value === null ? "null" : typeof value}; a miss is undefined`);
  }
  function checkTexts(values: readonly unknown[]): void {
    for (const value of values) checkText(value);
  }
  function broken(what: string): StoreError {
    return new StoreError(`The store "${name}" does not keep its contract: it gave ${what}.`, { store: name });
  }

  /** Flights that fail are gone without in either case. */
  function surely<T>(operation: Operation, key: string, otherwise: T, run: () => PromiseLike<T>): Promise<T> {
    return attempt(operation, key, otherwise, run, anything, true);
  }

  return {
    get: (key) => attempt<Read>("get", key, null, () => store.get(key), checkText),
    getMany(keys) {
      const unknown: Read[] = keys.map(() => null);
      return attempt<readonly Read[]>("get", undefined, unknown, () => readMany(keys), checkTexts);
    },
    set: (key, value, options) =>
      attempt<boolean>("set", key, false, () => store.set(key, value, options).then(() => true)),
    ...(flights !== undefined && {
      flights: {
        enter: (key) => surely<Lease | undefined>("enter", key, ALONE, () => flights.enter(key)),
        async leave(key, lease) {
          if (lease !== ALONE) await surely("leave", key, undefined, () => lease[Symbol.asyncDispose]());
        },
        async changed(key, signal) {
          const change = untilChanged(flights, key, signal);
          await change.catch(() => signal.throwIfAborted()); // An abort is no failure of theirs.
          return surely<FlightEnd | "broken">("changed", key, "broken", () => change);
        },
      },
    }),
  };

  async function untilChanged(flights: Flights, key: string, signal: AbortSignal): Promise<FlightEnd> {
    const patience = createPatience(signal, LONGEST_WAIT_MS, (ms) => storeIsLate(name, "changed", ms));
    patience.start();
    try {
      return (await flights.changed(key, { signal: patience.signal! })) ?? "unknown";
    } finally {
      patience.end();
    }
  }
}

function anything(): void {}

function warn(error: StoreError): void {
  process.emitWarning(`Calls go on without the store and are paid for: ${error.message}`, {
    type: "RememWarning",
    code: "REMEM_STORE_FAILING",
  });
}
