import { batchLoader } from "../concurrency/batch-loader.ts";
import { createLimiter, type Limiter, unlimited } from "../concurrency/limiter.ts";
import type { GuardedStore, Read } from "../store/guarded-store.ts";

/** How calls reach the store and the provider: alone, or together with the rest of their batch. */
export interface Access {
  read(key: string): Promise<Read>;
  readonly limiter: Limiter;
  /** Whether a call may have to wait for its turn. If so, its budget starts with its turn. */
  readonly isQueued: boolean;
}

/** For a call on its own. */
export const directAccess = (store: GuardedStore): Access => ({ read: store.get, limiter: unlimited, isQueued: false });

/** For the calls of one batch: reads in bulk, and at most `concurrency` calls of the provider at a time. */
export const batchAccess = (store: GuardedStore, concurrency: number | "auto"): Access => ({
  read: batchLoader(store.getMany),
  limiter: createLimiter(concurrency),
  isQueued: true,
});
