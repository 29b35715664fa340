import { ask, healed, type Replicated, until } from "./replicated.ts";
import { type RedisServer, startRedis, startSentinel } from "./start-redis.ts";

const NAME = "mymaster";

export interface Sentinels extends Replicated {
  readonly sentinels: readonly RedisServer[];
}

/** Starts a master, a replica, and three sentinels that promote the replica once the master is down for a second. */
export async function startSentinels(): Promise<Sentinels> {
  const master = await startRedis();
  const replica = await startRedis(() => [
    "--replicaof",
    "127.0.0.1",
    `${master.port}`,
    "--repl-diskless-sync-delay",
    "0",
  ]);
  const nodes = [master, replica];
  const lines = [
    `sentinel monitor ${NAME} 127.0.0.1 ${master.port} 2`,
    `sentinel down-after-milliseconds ${NAME} 1000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(lines)));
  await healed(nodes);
  await until(() => Promise.all(sentinels.map(({ url }) => ask(url, knowsAll))));
  return {
    nodes,
    sentinels,
    async masters() {
      const roles = await Promise.allSettled(nodes.map(({ url }) => ask(url, (client) => client.info("replication"))));
      return nodes.filter((_, index) => {
        const role = roles[index]!;
        return role.status === "fulfilled" && role.value.includes("role:master");
      });
    },
    healed: () => healed(nodes),
    stop: async () => void (await Promise.all([...sentinels, ...nodes].map((server) => server.stop()))),
  };
}

async function knowsAll(client: { info(section: string): Promise<string> }): Promise<void> {
  const info = await client.info("sentinel");
  if (!info.includes("status=ok") || !info.includes("slaves=1,sentinels=3")) throw new Error(`Not yet: ${info}`);
}
