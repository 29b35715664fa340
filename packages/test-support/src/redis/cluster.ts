import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCluster, type RedisClientType, type RedisClusterType } from "@redis/client";
import { ask, connect, healed, type Replicated, until } from "./replicated.ts";
import { type RedisServer, startRedis } from "./start-redis.ts";

const SLOTS = 16_384;
const MASTERS = 3;

export type Cluster = Replicated;

export interface ClusterOptions {
  /** Whether each master has a replica that takes over when it fails. False by default. */
  readonly replicas?: boolean;
  /** How long a node must be unresponsive to be declared dead, in milliseconds. 1,000 by default. */
  readonly nodeTimeoutMs?: number;
  /** Whether all nodes refuse commands while some slots are not served. True by default, as in Redis. */
  readonly fullCoverage?: boolean;
}

/** Starts three masters that share the slots. A node that is restarted rejoins the cluster. */
export async function startCluster({
  replicas = false,
  nodeTimeoutMs = 1_000,
  fullCoverage = true,
}: ClusterOptions = {}): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), "remem-cluster-"));
  const flags = (port: number): string[] => [
    ...["--cluster-require-full-coverage", fullCoverage ? "yes" : "no"],
    ...["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"],
    ...[
      "--cluster-node-timeout",
      `${nodeTimeoutMs}`,
      "--repl-diskless-sync-delay",
      "0",
      "--cluster-config-file",
      join(directory, `${port}.conf`),
    ],
  ];
  const count = replicas ? 2 * MASTERS : MASTERS;
  const nodes = await Promise.all(Array.from({ length: count }, () => startRedis(flags)));
  const clients = await Promise.all(nodes.map(({ url }) => connect(url)));
  const bound = (index: number) => Math.floor((index * SLOTS) / MASTERS);
  for (const [index, client] of clients.entries()) {
    if (index < MASTERS) {
      await client.sendCommand(["CLUSTER", "ADDSLOTSRANGE", `${bound(index)}`, `${bound(index + 1) - 1}`]);
    }
    await client.sendCommand(["CLUSTER", "SET-CONFIG-EPOCH", `${index + 1}`]);
  }
  // Introduce every node to every other: gossip alone would take about 20 s.
  for (const client of clients) {
    for (const { port } of nodes) await client.sendCommand(["CLUSTER", "MEET", "127.0.0.1", `${port}`]);
  }
  await until(() => Promise.all(clients.map((client) => shows(client, "INFO", `cluster_known_nodes:${count}`))));
  for (const [index, replica] of clients.slice(MASTERS).entries()) {
    const master = await clients[index]!.sendCommand<string>(["CLUSTER", "MYID"]);
    await until(() => replica.sendCommand(["CLUSTER", "REPLICATE", master]));
    await until(async () => {
      if (!(await replica.info("replication")).includes("master_link_status:up")) throw new Error("no link yet");
    });
  }
  await until(() => Promise.all(clients.map((client) => shows(client, "INFO", "cluster_state:ok"))));
  for (const client of clients) client.destroy();

  return {
    nodes,
    async masters() {
      const answers = await Promise.allSettled(nodes.map(isMaster));
      return nodes.filter((_, index) => (answers[index] as PromiseFulfilledResult<boolean>).value);
    },
    healed: () => healed(nodes),
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Whether the node is a master that serves slots. */
async function isMaster({ url }: RedisServer): Promise<boolean> {
  const nodes = await ask(url, (client) => client.sendCommand<string>(["CLUSTER", "NODES"]));
  return /myself,master .* connected \d/.test(nodes);
}

async function shows(client: RedisClientType, what: string, line: string): Promise<void> {
  const shown = String(await client.sendCommand(["CLUSTER", what]));
  if (!shown.includes(line)) throw new Error(`Not yet a cluster: ${shown}`);
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
