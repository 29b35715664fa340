import type { RedisClientType } from "@redis/client";
import { type AnyClient, isCluster } from "./redis-client.ts";

/** The nodes on which all keys lie. */
export async function nodesOf(redis: AnyClient): Promise<RedisClientType[]> {
  if (!isCluster(redis)) return [redis];
  return Promise.all(redis.masters.map((master) => redis.nodeClient(master)));
}

/** What lies at these places, with one command; on a cluster with one each, for each has a slot of its own. */
export async function readPlaces(redis: AnyClient, places: string[]): Promise<Array<string | null>> {
  if (places.length === 0) return [];
  if (!isCluster(redis)) return redis.mGet(places);
  return (await Promise.all(places.map((place) => redis.mGet([place])))).flat();
}
