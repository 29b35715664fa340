import { type Breaker, createBreaker } from "./breaker.ts";
import type { CacheStore, FlightEnd, Flights, Lease, StoreSetOptions } from "./cache-store.ts";
import { withinDeadline } from "./deadline.ts";
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

  async function observe<T>(operation: Operation, key: string | undefined, run: () => PromiseLike<T>): Promise<T> {
    const own = health[operation];
    function told(error: StoreError): StoreError {
      report({ type: "store-error", ...(key !== undefined && { key }), store: name, operation, error });
      return error;
    }
    // A lead that is not given up is held for as long as the process lives.
    if (operation !== "leave" && !own.lets()) throw told(storeRests(name, operation, own.lastError));
    let result: T;
    try {
      result = await withinDeadline(run(), timeoutMs, () => storeIsLate(name, operation, timeoutMs));
    } catch (cause) {
      own.failure();
      own.lastError = storeFailed(name, operation, cause);
      throw told(own.lastError);
    }
    own.success();
    if (own.warned) report({ type: "store-recovered", store: name, operation });
    own.warned = false;
    return result;
  }
  function surely<T>(
    operation: Operation,
    key: string | undefined,
    run: () => PromiseLike<T>,
    otherwise: T,
  ): Promise<T> {
    return observe(operation, key, run).catch((error: StoreError) => {
      if (!health[operation].warned) warn(error);
      health[operation].warned = true;
      return otherwise;
    });
  }

  function attempt<T>(operation: Operation, key: string | undefined, run: () => Promise<T>, otherwise: T): Promise<T> {
    return onStoreError === "throw" ? observe(operation, key, run) : surely(operation, key, run, otherwise);
  }

  async function read(key: string): Promise<string | undefined> {
    const value: unknown = await store.get(key);
    if (value === undefined || typeof value === "string") return value;
    throw broken(`a value of type ${value === null ? "null" : typeof value}; a miss is undefined`);
  }
  async function readMany(keys: readonly string[]): Promise<ReadonlyArray<string | undefined>> {
    if (store.getMany === undefined) return Promise.all(keys.map(read));
    const values = await store.getMany(keys);
    if (values.length === keys.length) return values;
    throw broken(`${values.length} values for ${keys.length} keys`);
  }
  function broken(what: string): StoreError {
    return new StoreError(`The store "${name}" does not keep its contract: it gave ${what}.`, { store: name });
  }
  async function write(key: string, value: string, options: StoreSetOptions): Promise<true> {
    await store.set(key, value, options);
    return true;
  }

  return {
    get: (key) => attempt<Read>("get", key, () => read(key), null),
    getMany: (keys) =>
      attempt<readonly Read[]>(
        "get",
        undefined,
        () => readMany(keys),
        keys.map(() => null),
      ),
    set: (key, value, options) => attempt<boolean>("set", key, () => write(key, value, options), false),
    ...(flights !== undefined && {
      flights: {
        enter: (key) => surely("enter", key, () => flights.enter(key), ALONE),
        async leave(key, lease) {
          if (lease !== ALONE) await surely("leave", key, () => lease[Symbol.asyncDispose](), undefined);
        },
        async changed(key, signal) {
          const change = untilChanged(flights, key, signal);
          await change.catch(() => signal.throwIfAborted()); // An abort is no failure of theirs.
          return surely<FlightEnd | "broken">("changed", key, () => change, "broken");
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
