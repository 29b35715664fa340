import assert from "node:assert/strict";
import { withTimeout } from "../contract.ts";
import { type CaseContext, collect, expectValue, needs } from "./context.ts";
import { setToExpire, sleepPast } from "./expiry.ts";

/** More than one page of most backends' scans. */
const COUNT = 150;
const LONG_MS = 60_000;

export const entriesCases = {
  async "entries give everything that get would serve, once each"({ store }: CaseContext): Promise<void> {
    needs(store, "entries");
    assert.deepEqual(await collect(store.entries()), []);
    const expected = new Map(Array.from({ length: COUNT }, (_, index) => [`key ${index}`, `value ${index}`]));
    expected.set("odd \0 * % 😀", '"');
    await Promise.all(Array.from(expected, ([key, value]) => store.set(key, value)));
    const found = await collect(store.entries());
    assert.equal(found.length, expected.size, `entries gave ${found.length} of ${expected.size}.`);
    assert.deepEqual(new Map(found.map(([key, value]) => [key, value])), expected);
  },

  async "entries leave out expired values"(context: CaseContext): Promise<void> {
    const { store, slowness } = context;
    needs(store, "entries");
    await store.set("past", "v", { expiresAt: Date.now() - 1 });
    await sleepPast(await setToExpire(context, "expired"));
    await store.set("kept", "v", { expiresAt: Date.now() + LONG_MS * slowness });
    assert.deepEqual(await collect(store.entries()), [["kept", "v"]]);
  },

  async "entries can be left early"({ store, limitMs }: CaseContext): Promise<void> {
    needs(store, "entries");
    const all = store.entries();
    await Promise.all(Array.from({ length: COUNT }, (_, index) => store.set(`key ${index}`, "v")));
    async function leave(): Promise<void> {
      for await (const _ of all) break;
      await store.set("key 0", "new");
      await expectValue(store, "key 0", "new");
      await store.clear();
    }
    await withTimeout(limitMs, leave(), "Leaving `entries` early and then writing");
  },
};
