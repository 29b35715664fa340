import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { temporaryFile } from "@remem/test-support/temporary";
import { onTestFinished } from "vitest";

/** A store that processes can share. */
export interface SharedStore {
  readonly name: string;
  /** Creates an empty store and returns its URL. */
  open(): Promise<string>;
}

export { canStartRedis };

/** Starts a Redis for the current test. */
export async function redisFor(flags?: (port: number) => readonly string[]): Promise<RedisServer> {
  const redis = await startRedis(flags);
  onTestFinished(() => redis.stop());
  return redis;
}

const sqlite: SharedStore = { name: "SQLite", open: async () => `sqlite:${temporaryFile()}` };
const redis: SharedStore = { name: "Redis", open: async () => (await redisFor()).url };

export const sharedStores: readonly SharedStore[] = canStartRedis ? [sqlite, redis] : [sqlite];
