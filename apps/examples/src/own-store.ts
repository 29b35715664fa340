// Defines a store: an object with five methods that read and write strings, here over a Map. See docs/publish-a-plugin.md.
import { type CacheStore, createRemem, StoreError } from "remem";

export function mapStore(): CacheStore {
  const kept = new Map<string, { readonly value: string; readonly expiresAt: number }>();
  let closed = false;

  function open(): void {
    if (closed) throw new StoreError("The store is closed.", { store: "map", code: "STORE_CLOSED" });
  }
  function find(key: string): string | undefined {
    open();
    const entry = kept.get(key);
    return entry !== undefined && entry.expiresAt > Date.now() ? entry.value : undefined;
  }
  return {
    specVersion: 1,
    name: "map",
    get: async (key) => find(key),
    async set(key, value, { expiresAt = Number.POSITIVE_INFINITY, ifAbsent = false } = {}) {
      if (find(key) === undefined || !ifAbsent) kept.set(key, { value, expiresAt });
    },
    async delete(key) {
      const wasThere = find(key) !== undefined;
      kept.delete(key);
      return wasThere;
    },
    async clear() {
      open();
      kept.clear();
    },
    async close() {
      closed = true;
      kept.clear();
    },
  };
}

await using client = createRemem({ store: mapStore() });
for (const call of ["first", "second"]) {
  const { response, source } = await client.infer("Name a forest.");
  console.log(`${call} call, from the ${source}: ${response}`);
}
