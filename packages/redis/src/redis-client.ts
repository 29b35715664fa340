import type { RedisClientType, RedisClusterType } from "@keyv/redis";

/** What is looked at of a client or cluster of `redis` or `@redis/client`, version 5. The rest is used as it has it. */
export interface RedisClient {
  readonly isOpen: boolean;
  /** The same client with other types for its replies. */
  withTypeMapping(mapping: Record<never, never>): unknown;
}

/** What a store speaks through. */
export type AnyClient = RedisClientType | RedisClusterType;

/** Those of other packages, and of earlier versions, have no type mappings. */
export function isRedisClient(client: unknown): client is RedisClient {
  return typeof (client as Partial<RedisClient> | null)?.withTypeMapping === "function";
}

export function isCluster(client: AnyClient): client is RedisClusterType {
  return "slots" in client;
}

export function isSentinel(client: AnyClient): boolean {
  return "getSentinelNode" in client;
}
