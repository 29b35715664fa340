// A store as tests name it to a process: options as JSON, with `nodes` for the client of a cluster, and timings other than
// the usual ones.
import { createCluster } from "@redis/client";
import { redisStore } from "@remem/redis";
import { storeWith } from "../../src/redis-store.ts";

export async function open(json, timings) {
  const { nodes, ...options } = JSON.parse(json);
  if (nodes !== undefined) options.client = await createCluster({ rootNodes: nodes.map((url) => ({ url })) }).connect();
  return timings === undefined ? redisStore(options) : storeWith(options, JSON.parse(timings));
}
