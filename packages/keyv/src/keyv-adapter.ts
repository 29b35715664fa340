import { type CacheStore, RememError, StoreError } from "@remem/core";

/** A Keyv storage adapter with what Keyv 5.6 and 6.1 both understand. The rest they make of these. */
export interface KeyvAdapter {
  readonly opts: { readonly dialect: string; readonly url: string };
  /** Set by Keyv 5, which also puts it into the keys. Keyv 6 puts it into the keys alone. */
  namespace?: string | undefined;
  get(key: string): Promise<string | undefined>;
  getMany(keys: readonly string[]): Promise<ReadonlyArray<string | undefined>>;
  /** `ttl` in milliseconds. */
  set(key: string, value: unknown, ttl?: number): Promise<true>;
  delete(key: string): Promise<boolean>;
  clear(): Promise<void>;
  iterator?(namespace?: string): AsyncGenerator<[key: string, value: string], void>;
  disconnect(): Promise<void>;
}

/**
 * Any store of remem as a storage adapter for Keyv 5.6 and 6.1: `new Keyv({ store: keyvAdapter(store) })`. Each Keyv takes
 * an adapter of its own, also where they share a store. Disconnecting it closes the store.
 *
 * Leave Keyv's serialization and key prefix on: stores keep text, and tell namespaces by the key. A namespace can be
 * cleared, and Keyv can iterate, where the store has `entries`. A store that fails rejects; what Keyv makes of that is
 * up to its `throwOnErrors` (5) and its `error` listeners (6).
 * @throws {RememError} with code `INVALID_OPTION` for what is no store
 */
export function keyvAdapter(store: CacheStore): KeyvAdapter {
  if (store?.specVersion !== 1) {
    throw new RememError("INVALID_OPTION", "keyvAdapter: `store` must be a store of remem, as sqliteStore() gives it.");
  }

  async function* within(namespace: string | undefined): AsyncGenerator<[key: string, value: string], void> {
    const prefix = namespace === undefined ? "" : `${namespace}:`;
    for await (const [key, value] of store.entries!()) if (key.startsWith(prefix)) yield [key, value];
  }

  const adapter: KeyvAdapter = {
    // Keyv 5 iterates over databases that it knows by name.
    opts: { dialect: "sqlite", url: "" },
    get: (key) => store.get(key),
    getMany: async (keys) => (await store.getMany?.(keys)) ?? Promise.all(keys.map((key) => store.get(key))),
    async set(key, value, ttl) {
      if (typeof value !== "string") throw notText(store.name);
      await store.set(key, value, ttl ? { expiresAt: Date.now() + ttl } : {});
      return true;
    },
    delete: (key) => store.delete(key),
    async clear() {
      const { namespace } = adapter;
      if (namespace === undefined) return store.clear();
      if (store.entries === undefined) throw cannotList(store.name, namespace);
      for await (const [key] of within(namespace)) await store.delete(key);
    },
    ...(store.entries && { iterator: within }),
    disconnect: () => store.close(),
  };
  return adapter;
}

function notText(store: string): StoreError {
  return new StoreError(`The store "${store}" keeps text. Leave Keyv's serialization on.`, { store });
}

function cannotList(store: string, namespace: string): StoreError {
  const problem = `The store "${store}" does not list its entries, so "${namespace}" cannot be cleared alone.`;
  return new StoreError(`${problem} Clear the store itself, or take a Keyv without a namespace.`, { store });
}
