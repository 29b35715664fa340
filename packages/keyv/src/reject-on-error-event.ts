import { AsyncLocalStorage } from "node:async_hooks";
import type { StorageAdapter } from "./keyv-like.ts";

/**
 * Runs calls of an adapter, and makes those reject that failed without saying so: `@keyv/redis` answers like an empty
 * store unless told otherwise, and `@keyv/sqlite` ends a listing early. Both emit the failure from within the call, and
 * by that it is told from the failures of other calls.
 */
export function rejectOnErrorEvent(adapter: StorageAdapter): <T>(call: () => T | PromiseLike<T>) => Promise<T> {
  const emitted = new AsyncLocalStorage<unknown[]>();
  adapter.on?.("error", (error) => {
    emitted.getStore()?.push(error);
  });
  return async (call) => {
    const failures: unknown[] = [];
    const [outcome] = await Promise.allSettled([emitted.run(failures, async () => call())]);
    // The event first: what an adapter throws after it often says less.
    if (failures.length > 0) throw failures[0];
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  };
}
