import { setTimeout as pause } from "node:timers/promises";
import { createClient, type RedisClientType } from "@redis/client";
import type { RedisServer } from "../../testing/test/start-redis.ts";

/** Servers of which some stand in for others. */
export interface Replicated {
  readonly nodes: readonly RedisServer[];
  /** Those that answer as masters now. */
  masters(): Promise<RedisServer[]>;
  /** Waits until all nodes are there and each master has replicas that hold what it holds. */
  healed(): Promise<void>;
  stop(): Promise<void>;
}

export async function healed(nodes: readonly RedisServer[]): Promise<void> {
  await until(async () => {
    const infos = await Promise.all(nodes.map(({ url }) => ask(url, (client) => client.info("replication"))));
    const synced = infos.filter((info) => /role:master.*state=online,|master_link_status:up/s.test(info));
    if (synced.length < nodes.length) throw new Error(`Not yet healed: ${infos.join("\n")}`);
  });
}

/** Over a connection for this question alone. */
export async function ask<T>(url: string, question: (client: RedisClientType) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await question(client);
  } finally {
    client.destroy();
  }
}

export async function connect(url: string): Promise<RedisClientType> {
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: false } });
  client.on("error", () => {});
  return (await client.connect()) as RedisClientType;
}

/** Tries until it works, for 30 s at the most. */
export async function until(work: () => Promise<unknown>): Promise<void> {
  for (const end = performance.now() + 30_000; ; await pause(50)) {
    try {
      await work();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}
