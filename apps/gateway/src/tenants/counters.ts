import type { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";

type Limiter = RateLimiterMemory | RateLimiterRedis;

/** Counts points in windows of time. */
export interface Counter {
  /** Takes points. Returns undefined if the window had them, and otherwise the milliseconds until it ends. */
  take(key: string, points: number): Promise<number | undefined>;
  /** Counts further points, or fewer. */
  correct(key: string, points: number): Promise<void>;
}

/** Counters of this process, or those that all gateways share in Redis. */
export interface Counters {
  /** Prepares to count: otherwise the first request would wait for that. */
  open(): Promise<void>;
  /** Makes a counter of `most` points in windows of `seconds` seconds. */
  counter(most: number, seconds: number): Counter;
  close(): Promise<void>;
}

const PREFIX = "remem:limits";
const CONNECT_MS = 2_000;
const COMMAND_MS = 2_000;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Creates counters in this process, or in the Redis at this URL. While Redis is away, each process counts by itself: then each
 * keeps the whole limit, and no caller waits.
 */
export function createCounters(redisUrl: string | undefined): Counters {
  let opened: ReturnType<typeof openRedis> | undefined;

  async function open(most: number, seconds: number): Promise<Limiter> {
    const { RateLimiterMemory, RateLimiterRedis } = await import("rate-limiter-flexible");
    const options = { points: most, duration: seconds, keyPrefix: PREFIX };
    const own = new RateLimiterMemory(options);
    if (redisUrl === undefined) return own;
    opened ??= openRedis(redisUrl);
    const storeClient = await opened;
    return new RateLimiterRedis({
      ...options,
      storeClient,
      useRedisPackage: true,
      rejectIfRedisNotReady: true,
      insuranceLimiter: own,
    });
  }
  const limiters: Array<() => Promise<Limiter>> = [];
  return {
    async open() {
      for (const limit of limiters) await limit();
    },
    counter(most, seconds) {
      let limiter: Promise<Limiter> | undefined;
      const limit = (): Promise<Limiter> => {
        limiter ??= open(most, seconds);
        return limiter;
      };
      limiters.push(limit);
      return {
        async take(key, points) {
          const limiter = await limit();
          try {
            await limiter.consume(key, Math.ceil(points));
            return undefined;
          } catch (refused) {
            if (refused instanceof Error) throw refused;
            await limiter.reward(key, Math.ceil(points)); // Refused points are not counted.
            return (refused as { readonly msBeforeNext: number }).msBeforeNext;
          }
        },
        async correct(key, points) {
          const limiter = await limit();
          const whole = Math.ceil(points);
          if (whole > 0) await limiter.penalty(key, whole);
          else if (whole < 0) await limiter.reward(key, -whole);
        },
      };
    },
    async close() {
      const client = await opened;
      if (client?.isOpen) client.destroy();
    },
  };
}

async function openRedis(url: string) {
  const { createClient } = await import("@redis/client");
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandOptions: { timeout: COMMAND_MS },
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: (tries) => Math.min(tries * 100, LONGEST_PAUSE_MS) },
  });
  client.on("error", () => {}); // It connects again by itself.
  client.unref();
  // If Redis does not answer, callers go on without it.
  await Promise.race([client.connect().catch(() => {}), new Promise((go) => setTimeout(go, CONNECT_MS).unref())]);
  return client;
}
