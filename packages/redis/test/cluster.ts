import { createClient, createCluster, type RedisClientType, type RedisClusterType } from "@redis/client";
import { vi } from "vitest";
import { type RedisServer, startRedis } from "../../testing/test/redis-server.ts";

const SLOTS = 16_384;

export interface Cluster {
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Three masters that share the slots. */
export async function startCluster(): Promise<Cluster> {
  const flags = () => ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"];
  const nodes = await Promise.all([startRedis(flags), startRedis(flags), startRedis(flags)]);
  const clients = await Promise.all(nodes.map(({ url }) => createClient({ url }).connect()));
  const bound = (index: number) => Math.floor((index * SLOTS) / nodes.length);
  for (const [index, client] of clients.entries()) {
    await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", `${bound(index)}`, `${bound(index + 1) - 1}`]);
    await client.sendCommand(["CLUSTER", "SET-CONFIG-EPOCH", `${index + 1}`]);
    await clients[0]!.sendCommand(["CLUSTER", "MEET", "127.0.0.1", `${nodes[index]!.port}`]);
  }
  await vi.waitFor(() => Promise.all(clients.map((client) => knowsAll(client as RedisClientType))), {
    timeout: 30_000,
  });
  for (const client of clients) client.destroy();
  return {
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

async function knowsAll(client: RedisClientType): Promise<void> {
  const info = String(await client.sendCommand(["CLUSTER", "INFO"]));
  const knows = ["cluster_state:ok", "cluster_known_nodes:3"].every((line) => info.includes(line));
  if (!knows) throw new Error(`Not yet a cluster: ${info}`);
}

export async function connectToCluster(
  { nodes }: Cluster,
  create: typeof createCluster = createCluster,
): Promise<RedisClusterType> {
  const cluster = create({ rootNodes: nodes.map(({ url }) => ({ url })) });
  cluster.on("error", () => {});
  await cluster.connect();
  return cluster as RedisClusterType;
}
