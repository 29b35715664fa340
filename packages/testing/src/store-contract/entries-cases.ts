import assert from "node:assert/strict";
import { withTimeout } from "../contract.ts";
import { type CaseContext, collect, expectValue, needs } from "./context.ts";

/** More than one page of most backends' scans. */
const COUNT = 150;

export const entriesCases = {
  async "entries, if there are any, give once each all that get would serve"({ store }: CaseContext): Promise<void> {
    needs(store, "entries");
    assert.deepEqual(await collect(store.entries()), []);
    const expected = new Map(Array.from({ length: COUNT }, (_, index) => [`key ${index}`, `value ${index}`]));
    expected.set("odd \0 * % 😀", '"');
    await Promise.all(Array.from(expected, ([key, value]) => store.set(key, value)));
    const found = await collect(store.entries());
    assert.equal(found.length, expected.size, `entries gave ${found.length} of ${expected.size}.`);
    assert.deepEqual(new Map(found.map(([key, value]) => [key, value])), expected);
  },

  async "entries, if there are any, can be left early"({ store, limitMs }: CaseContext): Promise<void> {
    needs(store, "entries");
    const all = store.entries();
    await Promise.all(Array.from({ length: COUNT }, (_, index) => store.set(`key ${index}`, "v")));
    async function leave(): Promise<void> {
      for await (const _ of all) break;
      await store.set("key 0", "new");
      await expectValue(store, "key 0", "new");
      await store.clear();
    }
    await withTimeout(limitMs, leave(), "Leaving `entries` early, and writing then,");
  },
};
