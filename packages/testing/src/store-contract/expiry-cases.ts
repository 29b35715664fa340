import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type CaseContext, expectValue } from "./context.ts";
import { CLOCK_SKEW_MS, setToExpire, sleepPast } from "./expiry.ts";

export const expiryCases = {
  async "a value is served until it expires, and not after"(context: CaseContext): Promise<void> {
    const { store } = context;
    const expiresAt = await setToExpire(context, "k");
    let value: string | undefined;
    do {
      const askedAt = Date.now();
      value = await store.get("k");
      const lateMs = askedAt - expiresAt;
      assert.ok(value === undefined || lateMs < CLOCK_SKEW_MS, `get returned a value ${lateMs} ms after its expiry.`);
      await sleep(5);
    } while (value !== undefined);
    if (store.getMany) assert.deepEqual(await store.getMany(["k"]), [undefined]);
  },

  async "a value set with a past expiry is not served"({ store }: CaseContext): Promise<void> {
    // 0 is easily mistaken for no expiry.
    for (const expiresAt of [0, Date.now() - 1]) {
      await store.set("new", "past", { expiresAt });
      await expectValue(store, "new", undefined);
      await store.set("old", "live");
      await store.set("old", "past", { expiresAt });
      await expectValue(store, "old", undefined);
    }
  },

  async "a value without expiry stays when it replaces one with expiry"(context: CaseContext): Promise<void> {
    const { store } = context;
    const expiresAt = await setToExpire(context, "k");
    await store.set("k", "stays");
    await sleepPast(expiresAt);
    await expectValue(store, "k", "stays");
  },

  async "set with ifAbsent fills a slot whose value has expired"(context: CaseContext): Promise<void> {
    const { store } = context;
    // Reads nothing after the expiry, because a read may remove the old value.
    await sleepPast(await setToExpire(context, "k"));
    await store.set("k", "new", { ifAbsent: true });
    await expectValue(store, "k", "new");
  },
};
