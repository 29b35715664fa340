import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoreSetOptions } from "@remem/core/plugin";
import type { CaseContext } from "./context.ts";

/** How far a backend's clock may lag behind ours. */
export const CLOCK_SKEW_MS = 50;
/** Tried in turn: a slow store or machine cannot read a value back within the shorter ones. */
const LIFETIMES_MS = [100, 400, 2_000];
const MAX_LIFETIME_MS = 10_000;

/** Sets a value that expires soon, checks that it is served until then, and returns its expiry. */
export async function setToExpire(
  { store, slowness }: Pick<CaseContext, "store" | "slowness">,
  key: string,
  options: Omit<StoreSetOptions, "expiresAt"> = {},
): Promise<number> {
  // The first call may open a connection, which must not count towards the lifetime.
  await store.get(key);
  const lifetimesMs = [...LIFETIMES_MS, MAX_LIFETIME_MS * slowness];
  for (const lifetimeMs of lifetimesMs) {
    const expiresAt = Date.now() + lifetimeMs;
    await store.set(key, "v", { ...options, expiresAt });
    const value = await store.get(key);
    const leftMs = expiresAt - Date.now();
    if (leftMs <= 0) continue;
    assert.equal(value, "v", `get did not return a value ${leftMs} ms before its expiry.`);
    return expiresAt;
  }
  return assert.fail(`set and get together took longer than ${lifetimesMs.at(-1)} ms.`);
}

export async function sleepPast(moment: number): Promise<void> {
  while (Date.now() < moment + CLOCK_SKEW_MS) await sleep(5);
}
