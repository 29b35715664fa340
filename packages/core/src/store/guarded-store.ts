import { createCallBudget } from "../concurrency/call-budget.ts";
import { createTimeout } from "../concurrency/timeout.ts";
import type { CacheStore, FlightEnd, Flights, Lease, StoreSetOptions } from "../contracts/cache-store.ts";
import { StoreError, storeFailed, storeSkipped, storeTimedOut } from "../errors/errors.ts";
import type { Report } from "../observe/events.ts";
import { type Operation, shardHealths, WHOLE_STORE } from "./shard-health.ts";

/** The outcome of a read: a value, `undefined` if there is none, or `null` if the store failed. */
export type Read = string | undefined | null;

/** A store whose failures cost a call, never an answer. */
export interface GuardedStore {
  get(key: string): Promise<Read>;
  getMany(keys: readonly string[]): Promise<readonly Read[]>;
  /** Returns whether the value was stored. */
  set(key: string, value: string, options: StoreSetOptions): Promise<boolean>;
  /** Rejects if the store fails: the caller asked the store itself. */
  read(key: string): Promise<string | undefined>;
  /** Rejects if the store fails. */
  delete(key: string): Promise<boolean>;
  /** Rejects if the store fails. */
  close(): Promise<void>;
  readonly flights?: GuardedFlights;
}

export interface GuardOptions {
  readonly onStoreError: "bypass" | "throw";
  /** The time limit of an operation, in milliseconds. */
  readonly timeoutMs: number;
  readonly report: Report;
}

/** Flights after whose failures a process continues alone. */
export interface GuardedFlights {
  /** Acquires the lease, or returns `undefined` while another process holds it. If coordination fails, it returns `ALONE`. */
  enter(key: string): Promise<Lease | undefined>;
  /** Resolves with how the lease ended; `"broken"`: coordination failed, and this process should go on alone. */
  changed(key: string, signal: AbortSignal): Promise<FlightEnd | "broken">;
}

/** Longer than a call of six attempts of ten minutes: a leader that lives this long has hung. */
const LONGEST_WAIT_MS = 90 * 60_000;

/** The lease of a process that goes on without coordination. */
export const ALONE: Lease = { lost: new AbortController().signal, [Symbol.asyncDispose]: async () => {} };

/**
 * Guards a store with a timeout and circuit breakers. With `"bypass"` a failure is reported, and the call goes on without the
 * store. With `"throw"` the operation rejects with a `StoreError`. Coordination errors are always bypassed, even with
 * `"throw"`: they cannot change the answer.
 */
export function guardStore(store: CacheStore, { onStoreError, timeoutMs, report }: GuardOptions): GuardedStore {
  const { name, flights } = store;
  const healthOf = shardHealths(store);
  const within = createTimeout(timeoutMs);

  function shardOf(key: string): string {
    return store.shardOf?.(key) ?? WHOLE_STORE;
  }

  /**
   * Returns the outcome of `run`. If `run` fails or `check` throws, it returns `fallback` with a process warning, or with
   * `"throw"` it throws.
   */
  async function guarded<T>(
    operation: Operation,
    shard: string,
    key: string | undefined,
    fallback: T,
    run: () => PromiseLike<T>,
    onError: "bypass" | "throw" = onStoreError,
    check?: (result: T) => void,
  ): Promise<T> {
    const health = healthOf(shard, operation);
    let error: StoreError;
    let isWaiting = false;
    // A lease that is not released is held for as long as the process lives.
    if (operation === "leave" || health.allows()) {
      try {
        const result = await within(run(), () => storeTimedOut(name, operation, timeoutMs));
        check?.(result);
        health.succeeded();
        if (health.isWarned) report({ type: "store-recovered", store: name, operation });
        health.isWarned = false;
        return result;
      } catch (cause) {
        error = storeFailed(name, operation, cause);
        isWaiting = operation === "set" && error.code === "STORE_BUSY";
        if (!isWaiting) health.failed();
        health.lastError = error;
      }
    } else {
      error = storeSkipped(name, operation, health.lastError);
    }
    report({ type: "store-error", ...(key !== undefined && { key }), store: name, operation, error });
    if (onError === "throw") throw error;
    if (!health.isWarned) warn(error);
    health.isWarned = true;
    // An answer that is paid for is written once the lock is released, unless the store is closed before.
    return isWaiting ? guarded(operation, shard, key, fallback, run, onError, check) : fallback;
  }
  /** Runs an operation whose outcome the caller wants from the store itself. */
  async function direct<T>(operation: string, run: () => Promise<T>): Promise<T> {
    try {
      return await within(run(), () => storeTimedOut(name, operation, timeoutMs));
    } catch (cause) {
      throw storeFailed(name, operation, cause);
    }
  }

  async function readMany(keys: readonly string[]): Promise<readonly Read[]> {
    const values = await (store.getMany?.(keys) ?? Promise.all(keys.map((key) => store.get(key))));
    if (values.length !== keys.length) throw broken(`${values.length} values for ${keys.length} keys`);
    for (const value of values) checkText(value);
    return values;
  }
  function checkText(value: unknown): void {
    if (value === undefined || typeof value === "string") return;
    throw broken(`a value of type ${value === null ? "null" : typeof value}; a miss is undefined`);
  }
  function broken(what: string): StoreError {
    return new StoreError(`The store "${name}" breaks its contract: it returned ${what}.`, { store: name });
  }
  function readShard(shard: string, keys: readonly string[]): Promise<readonly Read[]> {
    const unknown: readonly Read[] = keys.map(() => null);
    return guarded("get", shard, undefined, unknown, () => readMany(keys));
  }

  return {
    get: (key) => guarded<Read>("get", shardOf(key), key, null, () => store.get(key), onStoreError, checkText),
    async getMany(keys) {
      if (store.shardOf === undefined) return readShard(WHOLE_STORE, keys);
      const shards = Map.groupBy(keys, shardOf);
      const reads = await Promise.all(Array.from(shards, ([shard, keys]) => readShard(shard, keys)));
      const found = new Map(
        Array.from(shards.values()).flatMap((keys, n) => keys.map((key, i) => [key, reads[n]![i]])),
      );
      return keys.map((key) => found.get(key));
    },
    set: (key, value, options) =>
      guarded<boolean>("set", shardOf(key), key, false, () => store.set(key, value, options).then(() => true)),
    async read(key) {
      const value = await direct("get", () => store.get(key));
      checkText(value);
      return value;
    },
    delete: (key) => direct("delete", () => store.delete(key)),
    close: () => direct("close", () => store.close()),
    ...(flights !== undefined && { flights: guardFlights(flights) }),
  };

  function guardFlights(flights: Flights): GuardedFlights {
    return {
      async enter(key) {
        const shard = shardOf(key);
        const lease = await guarded<Lease | undefined>("enter", shard, key, ALONE, () => flights.enter(key), "bypass");
        if (lease === undefined || lease === ALONE) return lease;
        const release = () => lease[Symbol.asyncDispose]();
        return {
          lost: lease.lost,
          [Symbol.asyncDispose]: () => guarded("leave", shard, key, undefined, release, "bypass"),
        };
      },
      async changed(key, signal) {
        const change = untilChanged(flights, key, signal);
        await change.catch(() => signal.throwIfAborted()); // An abort is not a failure of the store.
        return guarded<FlightEnd | "broken">("changed", shardOf(key), key, "broken", () => change, "bypass");
      },
    };
  }

  async function untilChanged(flights: Flights, key: string, signal: AbortSignal): Promise<FlightEnd> {
    const budget = createCallBudget(signal, LONGEST_WAIT_MS, (ms) => storeTimedOut(name, "changed", ms));
    budget.start();
    try {
      return (await flights.changed(key, { signal: budget.signal! })) ?? "unknown"; // A store in JavaScript may resolve with nothing.
    } finally {
      budget.end();
    }
  }
}

function warn(error: StoreError): void {
  process.emitWarning(`Caching is degraded, and calls are sent to the provider: ${error.message}`, {
    type: "RememWarning",
    code: "REMEM_STORE_FAILING",
  });
}
