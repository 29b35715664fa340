import type { RedisClientType, RedisClusterType } from "@redis/client";
import { slotOf } from "./hash-slot.ts";

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

/** The master of a cluster that answers for a key, as far as the cluster's client knows. */
export function masterOf(cluster: RedisClusterType, redisKey: string): ClusterNode | undefined {
  // The client forgets all slots while it learns of them anew.
  return cluster.slots[slotOf(redisKey)]?.master as ClusterNode | undefined;
}

export interface ClusterNode {
  readonly address: string;
  /** Left out until the first command that goes to the node. */
  readonly client?: RedisClientType;
}

/**
 * Has the client of a cluster learn anew which node answers for what. By itself it does so when a node sends it elsewhere,
 * which a dead one never does, and version 6 after 5 s in which it could not connect. Its owner's options are copied, for
 * the client writes into what it is given.
 */
export async function rediscover(cluster: RedisClusterType): Promise<void> {
  const known = (cluster.masters as ClusterNode[]).find(({ client }) => client?.isReady)?.client;
  const { _slots: slots } = cluster as unknown as { readonly _slots?: Slots };
  if (known === undefined || typeof slots?.rediscover !== "function") return;
  await slots.rediscover({ options: { ...known.options, socket: { ...known.options?.socket } } });
}

/** What the clients of versions 5 and 6 have in common, though they do not publish it. */
interface Slots {
  rediscover?(startWith: { readonly options: object }): Promise<unknown>;
}

export function isSentinel(client: AnyClient): boolean {
  return "getSentinelNode" in client;
}

/** The nodes on which all keys lie. */
export async function nodesOf(redis: AnyClient): Promise<RedisClientType[]> {
  if (!isCluster(redis)) return [redis];
  return Promise.all(redis.masters.map((master) => redis.nodeClient(master)));
}

/** What lies at these places, with one command; on a cluster with one each, for each has a slot of its own. */
export async function readKeys(redis: AnyClient, redisKeys: string[]): Promise<Array<string | null>> {
  if (redisKeys.length === 0) return [];
  if (!isCluster(redis)) return redis.mGet(redisKeys);
  return (await Promise.all(redisKeys.map((redisKey) => redis.mGet([redisKey])))).flat();
}
