import {
  type CacheStore,
  type Redact,
  redactedError,
  storeClosed,
  storeFailed,
  type Timeout,
} from "@remem/core/plugin";
import { fromStoredKey, fromStoredValue, toStoredKey, toStoredValue } from "./encoding.ts";
import type { StorageAdapter } from "./keyv-like.ts";
import { rejectOnErrorEvent } from "./reject-on-error-event.ts";

export interface AdapterStoreOptions {
  /** The name in the store's errors. */
  readonly name: string;
  readonly adapter: StorageAdapter;
  /** The prefix of every key, if the adapter does not add one itself. */
  readonly prefix: string;
  /** Removes secrets from the adapter's errors. By default it removes only texts that look like secrets. */
  readonly redact?: Redact;
  /** Limits the duration of an operation. Unlimited by default. */
  readonly timeout?: Timeout;
  /** Returns the cause of an error, if the adapter knows more than the error says. */
  explain?(error: unknown): unknown;
  /** Closes the connection. */
  end(): Promise<unknown>;
}

/** Makes a storage adapter of Keyv, of either version, a store. */
export function adapterStore(options: AdapterStoreOptions): CacheStore {
  const { name, adapter, prefix, redact, timeout = async (work) => work, explain = (error) => error, end } = options;
  const takesTimestamp = adapter.capabilities?.expires === true;
  const run = rejectOnErrorEvent(adapter);
  let closed = false;

  async function guarded<T>(operation: string, call: () => T | PromiseLike<T>): Promise<T> {
    if (closed) throw storeClosed(name);
    return timeout(run(call), didNotAnswer).catch((cause) => {
      throw storeFailed(name, operation, redactedError(explain(cause), redact));
    });
  }
  const storedKey = (key: string): string => prefix + toStoredKey(key);

  async function read(key: string): Promise<string | undefined> {
    return fromStoredValue(await adapter.get(storedKey(key)));
  }
  async function readMany(keys: readonly string[]): Promise<Array<string | undefined>> {
    if (keys.length === 0) return []; // Servers refuse a command without keys.
    return (await adapter.getMany!(keys.map(storedKey))).map(fromStoredValue);
  }
  async function write(key: string, value: string, expiresAt: number | undefined): Promise<void> {
    const now = Date.now();
    const hasPassed = expiresAt !== undefined && expiresAt <= now;
    if (hasPassed) {
      await adapter.delete(storedKey(key));
      return;
    }
    // An integer, which databases require.
    const until = expiresAt && Math.min(Math.ceil(expiresAt), Number.MAX_SAFE_INTEGER);
    const expiry = until && (takesTimestamp ? until : until - now);
    const kept = await adapter.set(storedKey(key), toStoredValue(value, until), expiry);
    if (kept === false) throw new Error("the adapter reports that it did not store the value.");
  }

  return {
    specVersion: 1,
    name,
    get: (key) => guarded("get", () => read(key)),
    ...(adapter.getMany && { getMany: (keys) => guarded("getMany", () => readMany(keys)) }),
    set: (key, value, { expiresAt, ifAbsent = false } = {}) =>
      guarded("set", async () => {
        if (!ifAbsent || (await read(key)) === undefined) await write(key, value, expiresAt);
      }),
    // Adapters for Keyv 5 need not return a result.
    delete: (key) => guarded("delete", async () => (await adapter.delete(storedKey(key))) !== false),
    clear: () => guarded("clear", () => clear(adapter, prefix)),
    ...(canList(adapter) && {
      async *entries() {
        const all = list(adapter, prefix);
        const next = () => guarded("entries", () => all.next());
        try {
          for (let entry = await next(); !entry.done; entry = await next()) yield entry.value;
        } finally {
          await all.return(undefined);
        }
      },
    }),
    async close() {
      if (closed) return;
      closed = true;
      await end().catch((cause) => {
        throw storeFailed(name, "close", redactedError(cause, redact));
      });
    },
  };
}

/** The error of a timeout. */
export const didNotAnswer = (): Error => new Error("the server did not answer in time.");

/** The adapter of a Keyv 5 may be a Map, which has no namespaces: its own `clear` would empty all of them. */
async function clear(adapter: StorageAdapter, prefix: string): Promise<void> {
  if (adapter instanceof Map) {
    for (const key of adapter.keys()) if (key.startsWith(prefix)) adapter.delete(key);
  } else await adapter.clear();
}

/** Keyv 6 wraps other objects in adapters that always have an `iterator`, which may silently yield nothing. */
function canList(adapter: StorageAdapter): boolean {
  if (adapter instanceof Map) return true;
  const { capabilities, iterator, store } = adapter;
  const lists = capabilities === undefined || capabilities.methods?.iterator.exists || store instanceof Map;
  return typeof iterator === "function" && lists === true;
}

/** Yields the entries whose keys begin with `prefix` and that have not expired. */
async function* list(adapter: StorageAdapter, prefix: string): AsyncGenerator<readonly [string, string]> {
  for await (const [key, stored] of adapter instanceof Map ? adapter : adapter.iterator!(adapter.namespace)) {
    if (!key.startsWith(prefix)) continue;
    const value = fromStoredValue(stored);
    if (value !== undefined) yield [fromStoredKey(key.slice(prefix.length)), value];
  }
}
