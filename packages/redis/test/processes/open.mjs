// Opens a store from options as JSON, where `nodes` stands for a cluster client, and optional timings.
import { createCluster } from "@redis/client";
import { redisStore } from "@remem/redis";
import { storeWith } from "../../src/redis-store.ts";

export async function open(json, timings) {
  const { nodes, ...options } = JSON.parse(json);
  if (nodes !== undefined) options.client = await createCluster({ rootNodes: nodes.map((url) => ({ url })) }).connect();
  return timings === undefined ? redisStore(options) : storeWith(options, JSON.parse(timings));
}
