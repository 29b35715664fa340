import { StoreError } from "@remem/core";
import type { Ask } from "./ask.ts";
import type { Adapter } from "./connection.ts";
import { reasonOf } from "./reason.ts";

/** Has something done in Redis. What fails rejects with a `StoreError` that names the operation and the server. */
export type Attempt = <T>(operation: string, work: (redis: Adapter) => Promise<T>) => Promise<T>;

export function attemptOver(ask: Ask, where: string): Attempt {
  return async (operation, work) => {
    try {
      return await ask(work);
    } catch (cause) {
      const problem = `The store "redis" failed in ${operation} ${where}: ${reasonOf(cause)}`;
      throw new StoreError(problem, { store: "redis", cause });
    }
  };
}
