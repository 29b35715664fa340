import type { CacheStore, Flights, Lease, StoreSetOptions } from "./cache-store.ts";
import { StoreError, storeFailed } from "./errors.ts";
import type { Report } from "./events.ts";

/** A store whose failures cost a call, never an answer. */
export interface GuardedStore {
  get(key: string): Promise<string | undefined>;
  getMany(keys: readonly string[]): Promise<ReadonlyArray<string | undefined>>;
  /** Whether the value was kept. */
  set(key: string, value: string, options: StoreSetOptions): Promise<boolean>;
  readonly flights?: GuardedFlights;
}

/** Flights whose failures let a process go on alone. */
export interface GuardedFlights {
  /** The lead, also where there is nobody to have it from; undefined while another process has it. */
  enter(key: string): Promise<Lease | undefined>;
  leave(key: string, lease: Lease): Promise<void>;
  /** Whether it is worth looking and entering again; false: this process had better go on alone. */
  changed(key: string, signal: AbortSignal): Promise<boolean>;
}

type Operation = "get" | "set" | "enter" | "leave" | "changed";

/** What fails and recovers apart: on a full disk reading works and writing does not. */
const failing = new WeakMap<CacheStore, Set<Operation>>();

/** For a process that goes on by itself. */
export const ALONE: Lease = { lost: new AbortController().signal, [Symbol.asyncDispose]: async () => {} };

/**
 * `"bypass"`: a failure is reported and read as "not there". `"throw"`: it rejects with a `StoreError`. Flights that fail
 * are gone without in either case: the answer is not theirs.
 */
export function guardStore(store: CacheStore, onStoreError: "bypass" | "throw", report: Report): GuardedStore {
  const { name, flights } = store;
  const down = failing.get(store) ?? new Set();
  failing.set(store, down);

  async function observe<T>(operation: Operation, key: string | undefined, run: () => PromiseLike<T>): Promise<T> {
    let result: T;
    try {
      result = await run();
    } catch (cause) {
      const error = storeFailed(name, operation, cause);
      report({ type: "store-error", ...(key !== undefined && { key }), store: name, operation, error });
      throw error;
    }
    if (down.delete(operation)) report({ type: "store-recovered", store: name, operation });
    return result;
  }
  function surely<T>(
    operation: Operation,
    key: string | undefined,
    run: () => PromiseLike<T>,
    otherwise: T,
  ): Promise<T> {
    return observe(operation, key, run).catch((error: StoreError) => {
      if (!down.has(operation)) warn(error);
      down.add(operation);
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
    get: (key) => attempt("get", key, () => read(key), undefined),
    getMany: (keys) =>
      attempt(
        "get",
        undefined,
        () => readMany(keys),
        keys.map(() => undefined),
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
          return surely("changed", key, () => change, false);
        },
      },
    }),
  };
}

async function untilChanged(flights: Flights, key: string, signal: AbortSignal): Promise<true> {
  await flights.changed(key, { signal });
  return true;
}

function warn(error: StoreError): void {
  process.emitWarning(`Calls go on without the store and are paid for: ${error.message}`, {
    type: "RememWarning",
    code: "REMEM_STORE_FAILING",
  });
}
