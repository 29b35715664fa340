// Puts memory in front of a slower store, which is read only once per answer. REMEM_STORE names the slower store.
import { type CacheStore, createRemem, memoryStore, storeFromUrl, tieredStore } from "remem";

const far = storeFromUrl();
let reads = 0;
const counted: CacheStore = {
  ...far,
  get(key) {
    reads += 1;
    return far.get(key);
  },
};
await using client = createRemem({ store: tieredStore(memoryStore({ maxBytes: 64 * 1024 * 1024 }), counted) });

for (const call of ["first", "second", "third"]) {
  const { response, source } = await client.infer("Name a desert.");
  console.log(`${call} call, from the ${source} (${reads} reads of ${far.name} so far): ${response}`);
}
