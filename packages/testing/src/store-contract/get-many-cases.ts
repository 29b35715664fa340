import assert from "node:assert/strict";
import { type CaseContext, needs } from "./context.ts";

export const getManyCases = {
  async "getMany answers in order, with gaps and repeats"({ store }: CaseContext): Promise<void> {
    needs(store, "getMany");
    for (const key of ["a", "b", "c"]) await store.set(key, key.toUpperCase());
    const found = await store.getMany(["c", "unknown", "a", "c", "b", "unknown"]);
    assert.deepEqual(found, ["C", undefined, "A", "C", "B", undefined]);
  },

  async "getMany answers no keys with no values"({ store }: CaseContext): Promise<void> {
    needs(store, "getMany");
    await store.set("k", "v");
    assert.deepEqual(await store.getMany([]), []);
  },
};
