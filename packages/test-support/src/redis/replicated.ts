import { setTimeout as pause } from "node:timers/promises";
import { createClient, type RedisClientType } from "@redis/client";
import type { RedisServer } from "./start-redis.ts";

/** Masters and replicas that take over from them. */
export interface Replicated {
  readonly nodes: readonly RedisServer[];
  /** The nodes that are masters now. */
  masters(): Promise<RedisServer[]>;
  /** Waits until all nodes are up and the replicas are in sync. */
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

/** Runs `question` on a connection of its own. */
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

/** Retries until the work succeeds, for at most 30 s. */
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
