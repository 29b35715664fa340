import assert from "node:assert/strict";
import { type CaseContext, expectSame, expectValue } from "./context.ts";

export const handleCases = {
  async "a second handle sees what the first has written"({ store, reopen }: CaseContext): Promise<void> {
    const second = await reopen();
    // Read before the write, so that a handle that remembers the miss fails.
    await expectValue(second, "k", undefined);
    for (const value of ["one", "two"]) {
      await store.set("k", value);
      await expectValue(second, "k", value);
    }
    assert.equal(await second.delete("k"), true, "delete on a second handle did not find what the first had written.");
    await expectValue(store, "k", undefined);
  },

  async "what was set outlasts closing and reopening"({ store, reopen }: CaseContext): Promise<void> {
    const kept = { plain: "v", empty: "", odd: '"a\0b" 😀', large: "é1".repeat(32 * 1024) };
    for (const [key, value] of Object.entries(kept)) await store.set(key, value);
    await store.close();
    const reopened = await reopen();
    for (const [key, value] of Object.entries(kept)) await expectValue(reopened, key, value);
  },

  async "two handles that write one key at once leave one whole value"({ store, reopen }: CaseContext): Promise<void> {
    const second = await reopen();
    const values = ["a", "b"].map((letter) => letter.repeat(64 * 1024)) as [string, string];
    for (let round = 0; round < 10; round++) {
      const key = `key ${round}`;
      const [, , ...seen] = await Promise.all([
        store.set(key, values[0]),
        second.set(key, values[1]),
        store.get(key),
        second.get(key),
      ]);
      const whole = [undefined, ...values];
      assert.ok(
        seen.every((value) => whole.includes(value)),
        "get returned a half-written value.",
      );
      const left = await store.get(key);
      assert.ok(left !== undefined && values.includes(left), "The value left is neither of the two that were written.");
      expectSame(await second.get(key), left, "get on the second handle");
    }
  },
};
