import { type CacheStore, storeClosed } from "@remem/core/plugin";

export interface ReopeningStoreOptions {
  readonly name: string;
  /** Whether the stores that `open` returns have `getMany` and `entries`. */
  readonly lists: boolean;
  /** Opens the backend. After a failure the next operation tries again. */
  open(): Promise<CacheStore>;
}

/** A store that opens its backend with the first operation. */
export function reopeningStore({ name, lists, open }: ReopeningStoreOptions): CacheStore {
  let opening: Promise<CacheStore> | undefined;
  let closed = false;

  async function opened(): Promise<CacheStore> {
    if (closed) throw storeClosed(name);
    opening ??= open().catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  return {
    specVersion: 1,
    name,
    get: async (key) => (await opened()).get(key),
    set: async (key, value, options) => (await opened()).set(key, value, options),
    delete: async (key) => (await opened()).delete(key),
    clear: async () => (await opened()).clear(),
    ...(lists && {
      getMany: async (keys) => (await opened()).getMany!(keys),
      async *entries() {
        yield* (await opened()).entries!();
      },
    }),
    async close() {
      if (closed) return;
      closed = true;
      const store = await opening?.catch(() => undefined);
      await store?.close();
    },
  };
}
