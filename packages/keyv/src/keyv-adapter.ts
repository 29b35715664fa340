import { type CacheStore, RememError, StoreError } from "@remem/core/plugin";

/** A Keyv storage adapter with the members that Keyv 5.6 and 6.1 share. Keyv derives the others from them. */
export interface KeyvAdapter {
  /** The members that Keyv reads of an adapter. */
  readonly opts: { readonly dialect: string; readonly url: string };
  /** Set by Keyv 5, which also prefixes the keys with it. Keyv 6 only prefixes the keys. */
  namespace?: string | undefined;
  /** The value, or undefined. */
  get(key: string): Promise<string | undefined>;
  /** The values in the order of the keys. */
  getMany(keys: readonly string[]): Promise<ReadonlyArray<string | undefined>>;
  /** `ttl` in milliseconds. */
  set(key: string, value: unknown, ttl?: number): Promise<true>;
  /** Deletes a value, and returns whether there was one. */
  delete(key: string): Promise<boolean>;
  /** Deletes all values of the namespace. */
  clear(): Promise<void>;
  /** Lists all values of the namespace. */
  iterator?(namespace?: string): AsyncGenerator<[key: string, value: string], void>;
  /** Closes the store. */
  disconnect(): Promise<void>;
}

/**
 * Makes any remem store a storage adapter for Keyv 5.6 and 6.1: `new Keyv({ store: keyvAdapter(store) })`. Each Keyv needs
 * its own adapter, even if they share a store. Disconnecting it closes the store.
 *
 * Leave Keyv's serialization and key prefix on: stores keep strings, and the key is what separates namespaces. Clearing a
 * namespace and iterating require a store with `entries`. Failures of the store reject; how Keyv treats them depends on its
 * `throwOnErrors` (5) or its `error` listeners (6).
 * @throws {RememError} with code `INVALID_OPTION` if `store` is not a store
 */
export function keyvAdapter(store: CacheStore): KeyvAdapter {
  if (store?.specVersion !== 1) {
    throw new RememError(
      "INVALID_OPTION",
      "keyvAdapter: `store` must be a remem store, such as sqliteStore() returns.",
    );
  }

  async function* within(namespace: string | undefined): AsyncGenerator<[key: string, value: string], void> {
    const prefix = namespace === undefined ? "" : `${namespace}:`;
    for await (const [key, value] of store.entries!()) if (key.startsWith(prefix)) yield [key, value];
  }

  const adapter: KeyvAdapter = {
    // Keyv 5 iterates only over dialects that it knows.
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
  return new StoreError(`The store "${store}" keeps strings. Leave Keyv's serialization on.`, { store });
}

function cannotList(store: string, namespace: string): StoreError {
  const problem = `The store "${store}" cannot list its entries, so the namespace "${namespace}" cannot be cleared on its own.`;
  return new StoreError(`${problem} Clear the store itself, or use a Keyv without a namespace.`, { store });
}
