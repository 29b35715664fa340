import { randomUUID } from "node:crypto";
import { createClient, type RedisClientType } from "@redis/client";
import type { CacheStore } from "@remem/core";
import { onTestFinished, vi } from "vitest";
import { type RedisStoreOptions, redisStore } from "../src/index.ts";

/** So that tests meet neither each other nor what else is in a Redis. */
export const anyPrefix = (): string => `remem-test:${randomUUID()}:`;

/** A store for the test that runs. It leaves nothing behind. */
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

/** A connection that knows nothing of the store, as another program has it. */
export async function connectTo(url: string, create: typeof createClient = createClient): Promise<RedisClientType> {
  const client = create({ url, disableOfflineQueue: true });
  client.on("error", () => {});
  onTestFinished(() => {
    if (client.isOpen) client.destroy();
  });
  await client.connect();
  return client as RedisClientType;
}

/** Waits until the store works again, by itself. */
export async function works(store: CacheStore): Promise<void> {
  await vi.waitFor(() => store.set("works", "again"), { timeout: 30_000, interval: 20 });
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
