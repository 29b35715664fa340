/** What is looked at of a client or cluster of `redis` or `@redis/client`, version 5. The rest is used as it has it. */
export interface RedisClient {
  readonly isOpen: boolean;
  /** The same client with other types for its replies. */
  withTypeMapping(mapping: Record<never, never>): unknown;
}

/** Those of other packages, and of earlier versions, have no type mappings. */
export function isRedisClient(client: unknown): client is RedisClient {
  return typeof (client as Partial<RedisClient> | null)?.withTypeMapping === "function";
}
