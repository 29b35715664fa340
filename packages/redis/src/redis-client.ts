import type { RedisClientType, RedisClusterType } from "@redis/client";
import { slotOf } from "./hash-slot.ts";

/** A client, cluster or sentinel of `redis` or `@redis/client`, version 5 or 6. Declares only some of the members in use. */
export interface RedisClient {
  /** Whether the client was connected. */
  readonly isOpen: boolean;
  /** Returns the same client with other reply types. */
  withTypeMapping(mapping: Record<never, never>): unknown;
}

/** A standalone client or a cluster, as the store uses it. */
export type AnyClient = RedisClientType | RedisClusterType;

/** Clients of other packages and of earlier versions have no type mappings. */
export function isRedisClient(client: unknown): client is RedisClient {
  return typeof (client as Partial<RedisClient> | null)?.withTypeMapping === "function";
}

/** Since version 6. The client adds the prefix to keys, but not to patterns and channels. */
export function hasKeyPrefix(client: RedisClient): boolean {
  return Boolean((client as { readonly _keyPrefix?: unknown })._keyPrefix);
}

/** The client's password, if its options reveal it. */
export function passwordOf(client: RedisClient): string | undefined {
  const { options } = client as { readonly options?: { readonly password?: unknown } };
  return typeof options?.password === "string" ? options.password : undefined;
}

export function isCluster(client: AnyClient): client is RedisClusterType {
  return "slots" in client;
}

/** The master that serves a Redis key, as far as the cluster client knows. */
export function masterOf(cluster: RedisClusterType, redisKey: string): ClusterNode | undefined {
  // While it rediscovers the cluster, the client knows no slots.
  return cluster.slots[slotOf(redisKey)]?.master as ClusterNode | undefined;
}

export interface ClusterNode {
  readonly address: string;
  /** Absent until the first command is sent to the node. */
  readonly client?: RedisClientType;
}

/**
 * Makes a cluster client rediscover which node serves which slots. By itself it does so only when a node redirects it,
 * which a dead one never does; version 6 also does so after failing to connect for 5 s. The owner's options are copied,
 * because the client writes into the object it is given.
 */
export async function rediscover(cluster: RedisClusterType): Promise<void> {
  const known = (cluster.masters as ClusterNode[]).find(({ client }) => client?.isReady)?.client;
  const { _slots: slots } = cluster as unknown as { readonly _slots?: Slots };
  if (known === undefined || typeof slots?.rediscover !== "function") return;
  await slots.rediscover({ options: { ...known.options, socket: { ...known.options?.socket } } });
}

/** An internal of the cluster clients of versions 5 and 6. */
interface Slots {
  rediscover?(startWith: { readonly options: object }): Promise<unknown>;
}

export function isSentinel(client: AnyClient): boolean {
  return "getSentinelNode" in client;
}

/** The nodes that together hold all keys. */
export async function nodesOf(redis: AnyClient): Promise<RedisClientType[]> {
  if (!isCluster(redis)) return [redis];
  return Promise.all(redis.masters.map((master) => redis.nodeClient(master)));
}

/** Reads keys with one command; on a cluster with one command per key, because each key has its own slot. */
export async function readKeys(redis: AnyClient, redisKeys: string[]): Promise<Array<string | null>> {
  if (redisKeys.length === 0) return [];
  if (!isCluster(redis)) return redis.mGet(redisKeys);
  return (await Promise.all(redisKeys.map((redisKey) => redis.mGet([redisKey])))).flat();
}
