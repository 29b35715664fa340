import { AsyncLocalStorage } from "node:async_hooks";
import type { StorageAdapter } from "./keyv-like.ts";

/**
 * Returns a function that runs calls of an adapter and rejects if the adapter emits an `error` event meanwhile. By default
 * `@keyv/redis` answers like an empty store when it fails, and `@keyv/sqlite` ends a listing early. Both emit the error from
 * within the call, whose async context tells it apart from errors of other calls.
 */
export function rejectOnErrorEvent(adapter: StorageAdapter): <T>(call: () => T | PromiseLike<T>) => Promise<T> {
  const emitted = new AsyncLocalStorage<unknown[]>();
  adapter.on?.("error", (error) => {
    emitted.getStore()?.push(error);
  });
  return async (call) => {
    const failures: unknown[] = [];
    const [outcome] = await Promise.allSettled([emitted.run(failures, async () => call())]);
    // Prefer the event: an exception thrown after it is often less specific.
    if (failures.length > 0) throw failures[0];
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  };
}
