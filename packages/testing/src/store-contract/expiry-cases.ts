import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { CacheStore } from "@remem/core";
import { type CaseContext, collect, expectValue, needs } from "./context.ts";

/** What a backend's clock may be behind ours. */
const CLOCK_SKEW_MS = 50;
/** The later ones for a store or a machine too slow to be asked within the first. */
const LIFETIMES_MS = [100, 400, 2_000, 10_000];

export const expiryCases = {
  async "a value is served until it expires, and not after"({ store }: CaseContext): Promise<void> {
    const expiresAt = await setToExpire(store, "k");
    let value: string | undefined;
    do {
      const askedAt = Date.now();
      value = await store.get("k");
      const lateMs = askedAt - expiresAt;
      assert.ok(value === undefined || lateMs < CLOCK_SKEW_MS, `get served a value ${lateMs} ms after it had expired.`);
      await sleep(5);
    } while (value !== undefined);
    if (store.getMany) assert.deepEqual(await store.getMany(["k"]), [undefined]);
  },

  async "a value that is past its expiry when it is set is not served"({ store }: CaseContext): Promise<void> {
    // 0 too, which is easily taken for none.
    for (const expiresAt of [0, Date.now() - 1]) {
      await store.set("new", "past", { expiresAt });
      await expectValue(store, "new", undefined);
      await store.set("old", "live");
      await store.set("old", "past", { expiresAt });
      await expectValue(store, "old", undefined);
    }
  },

  async "a value without expiry stays where it replaces one with expiry"({ store }: CaseContext): Promise<void> {
    const expiresAt = await setToExpire(store, "k");
    await store.set("k", "stays");
    await sleepPast(expiresAt);
    await expectValue(store, "k", "stays");
  },

  async "set with ifAbsent fills a slot whose value has expired"({ store }: CaseContext): Promise<void> {
    // Nothing is read after the expiry: that may be what removes the old value.
    await sleepPast(await setToExpire(store, "k"));
    await store.set("k", "new", { ifAbsent: true });
    await expectValue(store, "k", "new");
  },

  async "entries, if there are any, leave out what has expired"({ store }: CaseContext): Promise<void> {
    needs(store, "entries");
    await store.set("past", "v", { expiresAt: Date.now() - 1 });
    await sleepPast(await setToExpire(store, "expired"));
    await store.set("kept", "v", { expiresAt: Date.now() + 60_000 });
    assert.deepEqual(await collect(store.entries()), [["kept", "v"]]);
  },
};

/** Sets a value that soon expires, sees that it is served until then, and gives the time of its expiry. */
async function setToExpire(store: CacheStore, key: string): Promise<number> {
  // The first call may have to open a connection, which is no part of the value's life.
  await store.get(key);
  for (const lifetimeMs of LIFETIMES_MS) {
    const expiresAt = Date.now() + lifetimeMs;
    await store.set(key, "v", { expiresAt });
    const value = await store.get(key);
    const leftMs = expiresAt - Date.now();
    if (leftMs <= 0) continue;
    assert.equal(value, "v", `get did not serve a value ${leftMs} ms before it expires.`);
    return expiresAt;
  }
  return assert.fail(`set and get together took longer than ${LIFETIMES_MS.at(-1)} ms.`);
}

async function sleepPast(moment: number): Promise<void> {
  while (Date.now() < moment + CLOCK_SKEW_MS) await sleep(5);
}
