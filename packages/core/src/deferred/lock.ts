import { randomUUID } from "node:crypto";
import type { CacheStore, Lease } from "../contracts/cache-store.ts";
import { RESERVED_PREFIX } from "../entry/reserved-keys.ts";
import { storeFailed } from "../errors/errors.ts";
import type { Records } from "./records.ts";

/** Longer than the upload of a file takes. */
const LOCK_MS = 15 * 60_000;

/**
 * Lets one process at a time work on a batch. Undefined while another one does. Without flights of the store a note is the lock, and
 * that of a dead process ends after 15 minutes.
 * @throws {StoreError} where the store fails: two processes would pay
 */
export async function lockBatch(store: CacheStore, records: Records, token: string): Promise<Lease | undefined> {
  const name = `lock/${token}`;
  if (store.flights !== undefined) {
    try {
      return await store.flights.enter(RESERVED_PREFIX + name);
    } catch (error) {
      throw storeFailed(store.name, "enter", error);
    }
  }
  const owner = randomUUID();
  await records.put(name, { owner }, { ifAbsent: true, ttlMs: LOCK_MS });
  if ((await records.get<{ owner: string }>(name))?.owner !== owner) return undefined;
  return { lost: new AbortController().signal, [Symbol.asyncDispose]: () => records.delete(name) };
}
