import { randomUUID } from "node:crypto";
import { sleep } from "../concurrency/sleep.ts";
import type { Lease } from "../contracts/cache-store.ts";
import { RESERVED_PREFIX } from "../entry/reserved-keys.ts";
import { storeFailed } from "../errors/errors.ts";
import type { World } from "./submitter.ts";

/** Longer than the upload of a file takes. */
const LOCK_MS = 15 * 60_000;

/** The shortest wait of `settle`. */
const LEAST_MS = 50;

/**
 * Acquires the lock of a batch, so that one process at a time works on it. Undefined while another process holds it. If the
 * store has no flights, a note is the lock, and the lock of a dead process expires after 15 minutes. `isNew`: no other process
 * knows the token yet.
 * @throws {StoreError} if the store fails: without the lock two processes would pay
 */
export async function lockBatch(
  { store, records, signal }: Pick<World, "store" | "records" | "signal">,
  token: string,
  { isNew = false }: { readonly isNew?: boolean } = {},
): Promise<Lease | undefined> {
  const name = `lock/${token}`;
  if (store.flights !== undefined) {
    try {
      return await store.flights.enter(RESERVED_PREFIX + name);
    } catch (error) {
      throw storeFailed(store.name, "enter", error);
    }
  }
  const owner = randomUUID();
  const startedAt = performance.now();
  await records.put(name, { owner }, { ifAbsent: true, ttlMs: LOCK_MS });
  if (!isNew) await settle(performance.now() - startedAt, signal);
  if ((await records.get<{ owner: string }>(name))?.owner !== owner) return undefined;
  return { lost: new AbortController().signal, [Symbol.asyncDispose]: () => records.delete(name) };
}

/**
 * Waits until every process that has read that a note is absent has written it, too. A store without leases may read before it
 * writes, and then the last writer wins (Fischer's mutual exclusion). It is not certain, because nothing bounds how long
 * another process takes.
 */
export function settle(writeMs: number, signal: AbortSignal): Promise<void> {
  return sleep(Math.max(LEAST_MS, 4 * writeMs), signal);
}
