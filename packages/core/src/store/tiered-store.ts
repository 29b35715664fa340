import type { CacheStore } from "../contracts/cache-store.ts";
import { expiryOf } from "../entry/entry.ts";

/**
 * A small, fast store in front of another: what is read from `far`, or written to it, is served from `near` from then
 * on. `far` has everything, and its flights are the tier's; `near` may forget, as `memoryStore({ maxBytes })` does.
 * What somebody else replaces or deletes in `far` is noticed once `near` has forgotten it.
 * Closing it closes both.
 */
export function tieredStore(near: CacheStore, far: CacheStore): CacheStore {
  const { flights } = far;
  // What was read before a write began may be older than it, and must not come to lie in `near` after it.
  let writes = 0;

  async function fill(key: string, value: string): Promise<void> {
    const expiresAt = expiryOf(value);
    await near.set(key, value, expiresAt === undefined ? {} : { expiresAt });
  }
  async function write<T>(run: () => Promise<T>): Promise<T> {
    writes += 1;
    try {
      return await run();
    } finally {
      writes += 1;
    }
  }

  return {
    specVersion: 1,
    name: `${near.name} before ${far.name}`,
    async get(key) {
      const before = writes;
      const found = await near.get(key);
      if (found !== undefined) return found;
      const value = await far.get(key);
      if (value !== undefined && writes === before) await fill(key, value);
      return value;
    },
    async getMany(keys) {
      const before = writes;
      const values = [...(await readMany(near, keys))];
      const gaps = [...keys.keys()].filter((place) => values[place] === undefined);
      if (gaps.length === 0) return values;
      const found = await readMany(
        far,
        gaps.map((place) => keys[place]!),
      );
      for (const [index, place] of gaps.entries()) {
        const value = found[index];
        values[place] = value;
        if (value !== undefined && writes === before) await fill(keys[place]!, value);
      }
      return values;
    },
    set: (key, value, options = {}) =>
      write(async () => {
        await far.set(key, value, options);
        const { ifAbsent = false, ...expiry } = options;
        // With `ifAbsent` the value that counts may be another one.
        const kept = ifAbsent ? await far.get(key) : value;
        if (kept === value) await near.set(key, value, expiry);
        else if (kept === undefined) await near.delete(key);
        else await fill(key, kept);
      }),
    delete: (key) =>
      write(async () => {
        const wasThere = await far.delete(key);
        return (await near.delete(key)) || wasThere;
      }),
    clear: () =>
      write(async () => {
        await far.clear();
        await near.clear();
      }),
    ...(far.entries !== undefined && { entries: () => far.entries!() }),
    ...(flights !== undefined && { flights }),
    ...(far.shardOf !== undefined && { shardOf: (key: string) => far.shardOf!(key) }),
    async close() {
      const closed = await Promise.allSettled([near.close(), far.close()]);
      for (const outcome of closed) if (outcome.status === "rejected") throw outcome.reason;
    },
  };
}

function readMany(store: CacheStore, keys: readonly string[]): Promise<ReadonlyArray<string | undefined>> {
  return store.getMany?.(keys) ?? Promise.all(keys.map((key) => store.get(key)));
}
