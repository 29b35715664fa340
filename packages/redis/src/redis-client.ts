import type { RedisClientType, RedisClusterType } from "@redis/client";

/** What is looked at of a client or cluster of `redis` or `@redis/client`, version 5 or 6. The rest is used as it has it. */
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

/** It is put before the keys that are sent, and not before patterns and channels. Since version 6. */
export function hasKeyPrefix(client: RedisClient): boolean {
  return Boolean((client as { readonly _keyPrefix?: unknown })._keyPrefix);
}

/** The password that it sends, where it tells. */
export function passwordOf(client: RedisClient): string | undefined {
  const { options } = client as { readonly options?: { readonly password?: unknown } };
  return typeof options?.password === "string" ? options.password : undefined;
}

export function isCluster(client: AnyClient): client is RedisClusterType {
  return "slots" in client;
}

export function isSentinel(client: AnyClient): boolean {
  return "getSentinelNode" in client;
}
