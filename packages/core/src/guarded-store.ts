import type { CacheStore, StoreSetOptions } from "./cache-store.ts";
import { StoreError, storeFailed } from "./errors.ts";
import type { Report } from "./events.ts";

/** A store whose failures cost a call, never an answer. */
export interface GuardedStore {
  get(key: string): Promise<string | undefined>;
  getMany(keys: readonly string[]): Promise<ReadonlyArray<string | undefined>>;
  /** Whether the value was kept. */
  set(key: string, value: string, options: StoreSetOptions): Promise<boolean>;
}

type Operation = "get" | "set";

/** Reading and writing fail and recover apart: on a full disk the one works and the other does not. */
const failing = new WeakMap<CacheStore, Set<Operation>>();

/** `"bypass"`: a failure is reported and read as "not there". `"throw"`: it rejects with a `StoreError`. */
export function guardStore(store: CacheStore, onStoreError: "bypass" | "throw", report: Report): GuardedStore {
  const down = failing.get(store) ?? new Set();
  failing.set(store, down);

  async function attempt<T>(
    operation: Operation,
    key: string | undefined,
    run: () => Promise<T>,
    otherwise: T,
  ): Promise<T> {
    let result: T;
    try {
      result = await run();
    } catch (cause) {
      const error = storeFailed(store.name, operation, cause);
      report({ type: "store-error", ...(key !== undefined && { key }), store: store.name, operation, error });
      if (onStoreError === "throw") throw error;
      if (!down.has(operation)) warn(error);
      down.add(operation);
      return otherwise;
    }
    if (down.delete(operation)) report({ type: "store-recovered", store: store.name, operation });
    return result;
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
    return new StoreError(`The store "${store.name}" does not keep its contract: it gave ${what}.`, {
      store: store.name,
    });
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
    set: (key, value, options) =>
      attempt(
        "set",
        key,
        async () => {
          await store.set(key, value, options);
          return true;
        },
        false,
      ),
  };
}

function warn(error: StoreError): void {
  process.emitWarning(`Calls go on without the store and are paid for: ${error.message}`, {
    type: "RememWarning",
    code: "REMEM_STORE_FAILING",
  });
}
