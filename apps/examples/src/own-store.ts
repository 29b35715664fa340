// A store of your own: five methods that move strings, here a Map. See docs/publish-a-plugin.md.
import { type CacheStore, createRemem } from "remem";

const kept = new Map<string, { readonly value: string; readonly expiresAt: number }>();

function find(key: string): string | undefined {
  const entry = kept.get(key);
  return entry !== undefined && entry.expiresAt > Date.now() ? entry.value : undefined;
}

const mapStore: CacheStore = {
  specVersion: 1,
  name: "map",
  get: async (key) => find(key),
  async set(key, value, { expiresAt = Number.POSITIVE_INFINITY, ifAbsent = false } = {}) {
    if (!ifAbsent || find(key) === undefined) kept.set(key, { value, expiresAt });
  },
  delete: async (key) => kept.delete(key),
  clear: async () => kept.clear(),
  close: async () => kept.clear(),
};

await using client = createRemem({ store: mapStore });
for (const call of ["first", "second"]) {
  const { response, source } = await client.infer("Name a forest.");
  console.log(`${call} call, from the ${source}: ${response}`);
}
