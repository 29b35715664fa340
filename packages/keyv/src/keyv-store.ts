import { type CacheStore, storeClosed, storeFailed } from "@remem/core/plugin";
import { fromStoredKey, fromStoredValue, toStoredKey, toStoredValue } from "./encoding.ts";
import { adapterOf, type KeyvLike, type StorageAdapter } from "./keyv-like.ts";
import { rejectOnErrorEvent } from "./reject-on-error-event.ts";

const name = "keyv";

/**
 * Makes the storage adapter of a Keyv, 5.6 or 6.1, a store in the Keyv's namespace. The store takes over the Keyv: it
 * listens to its errors, and `close` disconnects it. Give the Keyv its own adapter and a namespace; without one, `clear`
 * empties the whole adapter. `ifAbsent` reads before it writes; of two concurrent writers, the later one wins.
 *
 * The store bypasses the Keyv's methods, which turn failures into misses (Keyv 5 unless `throwOnErrors`, Keyv 6 if its
 * `error` event has a listener) and wrap values, which are already JSON, in JSON again. Therefore the Keyv's hooks,
 * statistics and serialization do not apply, and `keyv.get` cannot read the values.
 * @throws {RememError} with code `INVALID_OPTION` if `keyv` is not a Keyv, or has `ttl`, `compression` or `encryption`,
 * which would have no effect
 */
export function keyvStore(keyv: KeyvLike): CacheStore {
  const adapter = adapterOf(keyv);
  // Keyv 5 prefixes the keys with the namespace; the adapters of Keyv 6 do so themselves.
  const prefix = keyv.useKeyPrefix && keyv.namespace ? `${keyv.namespace}:` : "";
  const takesTimestamp = adapter.capabilities?.expires === true;
  const run = rejectOnErrorEvent(adapter);
  // Keyv 6 throws errors without a listener: a connection lost between two calls would end the process.
  keyv.on("error", () => {});
  let closed = false;

  async function guarded<T>(operation: string, call: () => T | PromiseLike<T>): Promise<T> {
    if (closed) throw storeClosed(name);
    return run(call).catch((cause) => {
      throw storeFailed(name, operation, cause);
    });
  }
  const storedKey = (key: string): string => prefix + toStoredKey(key);

  async function read(key: string): Promise<string | undefined> {
    return fromStoredValue(await adapter.get(storedKey(key)));
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
    ...(adapter.getMany && {
      getMany: (keys) =>
        guarded("getMany", async () => (await adapter.getMany!(keys.map(storedKey))).map(fromStoredValue)),
    }),
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
      await keyv.disconnect().catch((cause) => {
        throw storeFailed(name, "close", cause);
      });
    },
  };
}

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
