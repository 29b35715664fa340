import { createDeadline } from "../concurrency/timeout.ts";
import type { CacheStore, FlightEnd, Flights, Lease, StoreSetOptions } from "../contracts/cache-store.ts";
import { StoreError, storeFailed, storeIsLate, storeRests } from "../errors/errors.ts";
import { createPatience } from "../flight/call-budget.ts";
import type { Report } from "../observe/events.ts";
import { type Breaker, createBreaker } from "./breaker.ts";

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

const OPERATIONS = ["get", "set", "enter", "leave", "changed"] as const;
type Operation = (typeof OPERATIONS)[number];

interface Health extends Breaker {
  lastError?: StoreError;
  /** Whether the process was warned, and not yet told that it is over. */
  warned?: boolean;
}

/**
 * Per shard and operation, because these fail and recover apart: one node of a cluster is gone while the others work, and on
 * a full disk reading works and writing does not.
 */
type Healths = Map<string, Readonly<Record<Operation, Health>>>;
const healthsOf = new WeakMap<CacheStore, Healths>();
/** The one of a store without shards. */
const WHOLE = "";

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
  const healths: Healths = healthsOf.get(store) ?? new Map();
  healthsOf.set(store, healths);
  const within = createDeadline(timeoutMs);

  function shardOf(key: string): string {
    return store.shardOf?.(key) ?? WHOLE;
  }
  function healthOf(shard: string): Readonly<Record<Operation, Health>> {
    const known = healths.get(shard);
    if (known !== undefined) return known;
    const fresh = Object.fromEntries(OPERATIONS.map((operation) => [operation, createBreaker()]));
    healths.set(shard, fresh as Record<Operation, Health>);
    return fresh as Record<Operation, Health>;
  }

  /**
   * What `run` gives. Where that fails, or `check` throws at it: `otherwise`, and a process warning; unless the failure shall
   * be thrown.
   */
  async function attempt<T>(
    operation: Operation,
    shard: string,
    key: string | undefined,
    otherwise: T,
    run: () => PromiseLike<T>,
    check: (outcome: T) => void = anything,
    isSure: boolean = onStoreError === "bypass",
  ): Promise<T> {
    const own = healthOf(shard)[operation];
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
    return attempt(operation, shardOf(key), key, otherwise, run, anything, true);
  }
  function getShard(shard: string, keys: readonly string[]): Promise<readonly Read[]> {
    const unknown: Read[] = keys.map(() => null);
    return attempt<readonly Read[]>("get", shard, undefined, unknown, () => readMany(keys), checkTexts);
  }

  return {
    get: (key) => attempt<Read>("get", shardOf(key), key, null, () => store.get(key), checkText),
    async getMany(keys) {
      if (store.shardOf === undefined) return getShard(WHOLE, keys);
      const shards = Map.groupBy(keys, shardOf);
      const reads = await Promise.all(Array.from(shards, ([shard, keys]) => getShard(shard, keys)));
      const found = new Map(
        Array.from(shards.values()).flatMap((keys, n) => keys.map((key, i) => [key, reads[n]![i]])),
      );
      return keys.map((key) => found.get(key));
    },
    set: (key, value, options) =>
      attempt<boolean>("set", shardOf(key), key, false, () => store.set(key, value, options).then(() => true)),
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
