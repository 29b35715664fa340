import type { CacheStore } from "../contracts/cache-store.ts";
import type { StoreError } from "../errors/errors.ts";
import { type Breaker, createBreaker } from "./breaker.ts";

const OPERATIONS = ["get", "set", "enter", "leave", "changed"] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Health extends Breaker {
  lastError?: StoreError;
  /** Whether the process was warned of failures that have not ended yet. */
  isWarned?: boolean;
}

/** The only shard of a store without `shardOf`. */
export const WHOLE_STORE = "";

type Healths = Map<string, Readonly<Record<Operation, Health>>>;
const healthsByStore = new WeakMap<CacheStore, Healths>();

/**
 * Tracks health per shard and operation, because these fail and recover separately: one node of a cluster is down while the
 * others work, and on a full disk reads work and writes do not. Clients over one store share it.
 */
export function shardHealths(store: CacheStore): (shard: string, operation: Operation) => Health {
  const healths: Healths = healthsByStore.get(store) ?? new Map();
  healthsByStore.set(store, healths);
  return (shard, operation) => {
    let health = healths.get(shard);
    if (health === undefined) {
      health = Object.fromEntries(OPERATIONS.map((operation) => [operation, createBreaker()])) as Record<
        Operation,
        Health
      >;
      healths.set(shard, health);
    }
    return health[operation];
  };
}
