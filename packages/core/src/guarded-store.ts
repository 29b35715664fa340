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

/** One operation of the store. */
interface Task<T> {
  run(): PromiseLike<T>;
  /** Throws where the outcome is none that a store may give. */
  check?(outcome: T): void;
  /** What a failure gives. */
  readonly otherwise: T;
  /** Whether a failure is gone without, whatever `onStoreError` says. */
  readonly isSure?: boolean;
}

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

  /** What `run` gives. Where it fails: `otherwise`, and a process warning; unless the failure shall be thrown. */
  async function attempt<T>(
    operation: Operation,
    key: string | undefined,
    { run, check, otherwise, isSure = onStoreError === "bypass" }: Task<T>,
  ): Promise<T> {
    const own = health[operation];
    let error: StoreError;
    // A lead that is not given up is held for as long as the process lives.
    if (operation === "leave" || own.lets()) {
      try {
        const result = await within(run(), () => storeIsLate(name, operation, timeoutMs));
        check?.(result);
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
  function broken(what: string): StoreError {
    return new StoreError(`The store "${name}" does not keep its contract: it gave ${what}.`, { store: name });
  }

  return {
    get: (key) => attempt<Read>("get", key, { run: () => store.get(key), check: checkText, otherwise: null }),
    getMany: (keys) =>
      attempt<readonly Read[]>("get", undefined, {
        run: () => readMany(keys),
        check: (values) => values.forEach(checkText),
        otherwise: keys.map(() => null),
      }),
    set: (key, value, options) =>
      attempt<boolean>("set", key, { run: () => store.set(key, value, options).then(() => true), otherwise: false }),
    ...(flights !== undefined && {
      flights: {
        enter: (key) => attempt("enter", key, { run: () => flights.enter(key), otherwise: ALONE, isSure: true }),
        async leave(key, lease) {
          if (lease === ALONE) return;
          await attempt("leave", key, { run: () => lease[Symbol.asyncDispose](), otherwise: undefined, isSure: true });
        },
        async changed(key, signal) {
          const change = untilChanged(flights, key, signal);
          await change.catch(() => signal.throwIfAborted()); // An abort is no failure of theirs.
          return attempt("changed", key, { run: () => change, otherwise: "broken", isSure: true });
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

function warn(error: StoreError): void {
  process.emitWarning(`Calls go on without the store and are paid for: ${error.message}`, {
    type: "RememWarning",
    code: "REMEM_STORE_FAILING",
  });
}
