import assert from "node:assert/strict";
import { createReadThrough, memoryStore } from "@remem/core";
import { type CaseContext, callOf, throughJson } from "./context.ts";

export const readThroughCases = {
  async "a call is a miss, and the next one an equal hit"({ surface, examples }: CaseContext): Promise<void> {
    for (const example of examples) {
      await using cache = createReadThrough({ store: memoryStore() });
      let asked = 0;
      const call = callOf(surface, example, () => {
        asked += 1;
      });
      const miss = await cache.get(call);
      const hit = await cache.get(call);
      assert.deepEqual([miss.source, hit.source, asked], ["provider", "store", 1], "The second call was no hit.");
      assert.deepEqual(miss.answer, throughJson(example.answer));
      assert.deepEqual(hit.answer, miss.answer);
    }
  },
};
