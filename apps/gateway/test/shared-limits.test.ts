// Limits of a tenant that gateways count together in Redis.
import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { memoryStore } from "remem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashOf, newToken, type TenantLimits } from "../src/index.ts";
import { CHAT, post, QUESTION, recordingServer, startGateway, vendorsAt } from "./gateway.ts";

describe.runIf(canStartRedis)("gateways that share a Redis", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  /** Two gateways with stores of their own, so that each question is a miss at both. */
  async function setUp(limits: TenantLimits) {
    const { origin, received } = await recordingServer((_, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT)),
    );
    const token = newToken();
    const tenants = { [`t${token.slice(6, 14)}`]: { tokens: [hashOf(token)], limits } };
    const start = () =>
      startGateway({
        store: memoryStore(),
        upstreams: { openai: { ...vendorsAt(origin).openai!, apiKey: "sk" } },
        tenants,
        redisUrl: redis.url,
        priceOf: (_, { input, output }) => (input + output) / 1_000,
      });
    const gateways = [await start(), await start()];
    async function ask(gateway: number, content: string): Promise<number> {
      const body = { ...QUESTION, messages: [{ role: "user", content }] };
      const { status } = await post(`${gateways[gateway]!.url}/v1/chat/completions`, body, {
        authorization: `Bearer ${token}`,
      });
      return status;
    }
    return { ask, received };
  }

  test("keep to one count of requests, of tokens and of money", async () => {
    for (const limits of [{ rpm: 3 }, { tpm: 297 }, { dollarsPerDay: 0.297 }]) {
      const { ask, received } = await setUp(limits);
      const statuses: number[] = [];
      // An answer takes 8 tokens, and the estimate is 276.
      for (let n = 0; n < 6; n++) statuses.push(await ask(n % 2, `${n}`));
      expect(statuses.slice(0, 3)).toEqual([200, 200, 200]);
      expect([402, 429]).toContain(statuses[5]);
      expect(received).toHaveLength(statuses.filter((status) => status === 200).length);
    }
  });

  test("answer while Redis is away, and each keeps to the limit by itself", async () => {
    const { ask } = await setUp({ rpm: 2 });
    expect([await ask(0, "a"), await ask(1, "b")]).toEqual([200, 200]);
    expect(await ask(0, "c")).toBe(429);
    await redis.stop();
    const statuses: number[] = [];
    for (const content of ["d", "e", "f"]) statuses.push(await ask(0, content));
    expect(statuses).toEqual([200, 200, 429]);
    await redis.start();
  });
});
