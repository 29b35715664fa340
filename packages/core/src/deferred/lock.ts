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
 * Lets one process at a time work on a batch. Undefined while another one does. Without flights of the store a note is the lock, and
 * that of a dead process ends after 15 minutes. `isNew`: nobody else knows the token yet.
 * @throws {StoreError} where the store fails: two processes would pay
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
 * Waits until whoever has read that a note is absent has written it, too: a store without leases may read before it writes, and then the
 * last writer has it (Fischer's mutual exclusion). It is not certain, since nothing bounds how long another process takes.
 */
export function settle(writeMs: number, signal: AbortSignal): Promise<void> {
  return sleep(Math.max(LEAST_MS, 4 * writeMs), signal);
}
