import { randomUUID } from "node:crypto";
import { createClient, type RedisClientType } from "@redis/client";
import type { CacheStore } from "@remem/core";
import { onTestFinished, vi } from "vitest";
import { type RedisStoreOptions, redisStore } from "../src/index.ts";

/** A random prefix, so that tests share a Redis with each other and with other data. */
export const anyPrefix = (): string => `remem-test:${randomUUID()}:`;

/** Opens a store that is closed and cleared after the test. */
export function openStore(options: RedisStoreOptions): CacheStore {
  const store = redisStore(options);
  onTestFinished(async () => {
    await store.close();
    const sweeper = redisStore(options);
    await sweeper.clear().catch(() => {});
    await sweeper.close();
  });
  return store;
}

/** Opens a connection independent of the store, like another program. */
export async function connectTo(url: string, create: typeof createClient = createClient): Promise<RedisClientType> {
  const client = create({ url, disableOfflineQueue: true });
  client.on("error", () => {});
  onTestFinished(() => {
    if (client.isOpen) client.destroy();
  });
  await client.connect();
  return client as RedisClientType;
}

/** Waits until the store has recovered by itself. */
export async function works(store: CacheStore): Promise<void> {
  await vi.waitFor(() => store.set("works", "again"), { timeout: 30_000, interval: 20 });
}
