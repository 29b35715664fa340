import { canStartRedis, type RedisServer, startRedis } from "./start-redis.ts";

export { canStartRedis, type RedisServer, startRedis };

const sharedUrl = process.env.REMEM_TEST_REDIS_URL;

/** Whether `useRedis` can find one. */
export const hasRedis: boolean = canStartRedis || sharedUrl !== undefined;

if (!canStartRedis) {
  const lack = `No redis-server and no valkey-server is in PATH: tests that ${hasRedis ? "break a Redis" : "need a Redis"} are skipped.`;
  if (process.env.CI) throw new Error(`${lack} Not in CI: install one.`);
  console.warn(lack);
}

/**
 * A Redis for tests that need only their own prefix: the one at `REMEM_TEST_REDIS_URL`, which others may use and which cannot
 * be restarted, or else one that is started for them.
 */
export async function useRedis(): Promise<Partial<RedisServer> & Pick<RedisServer, "url" | "stop">> {
  return sharedUrl === undefined ? startRedis() : { url: sharedUrl, async stop() {} };
}
