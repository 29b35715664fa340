import { type CacheStore, storeClosed } from "@remem/core/plugin";
import { CLOSE_MS } from "./backend.ts";
import { atMost } from "./sockets.ts";

export interface ReopeningStoreOptions {
  readonly name: string;
  /** Whether the stores that `open` returns have `getMany` and `entries`. */
  readonly lists: boolean;
  /** Opens the backend, unless the store is closed first. After a failure the next operation tries again. */
  open(closed: AbortSignal): Promise<CacheStore>;
}

/** A store that opens its backend with the first operation, and closes it once the operations that are running have ended. */
export function reopeningStore({ name, lists, open }: ReopeningStoreOptions): CacheStore {
  let opening: Promise<CacheStore> | undefined;
  const closed = new AbortController();

  async function opened(): Promise<CacheStore> {
    closed.signal.throwIfAborted();
    opening ??= open(closed.signal).catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  const running = new Set<Promise<unknown>>();
  function run<T>(operate: (store: CacheStore) => Promise<T>): Promise<T> {
    const operation = opened().then(operate);
    running.add(operation);
    return operation.finally(() => running.delete(operation));
  }

  return {
    specVersion: 1,
    name,
    get: (key) => run((store) => store.get(key)),
    set: (key, value, options) => run((store) => store.set(key, value, options)),
    delete: (key) => run((store) => store.delete(key)),
    clear: () => run((store) => store.clear()),
    ...(lists && {
      getMany: (keys) => run((store) => store.getMany!(keys)),
      async *entries() {
        yield* (await opened()).entries!();
      },
    }),
    async close() {
      if (closed.signal.aborted) return;
      closed.abort(storeClosed(name));
      const store = await opening?.catch(() => undefined);
      await atMost(CLOSE_MS, Promise.allSettled(running));
      await store?.close();
    },
  };
}
