import { expect, onTestFinished, test, vi } from "vitest";
import { canStartRedis, startRedis } from "../../testing/test/redis-server.ts";
import { ownConnection } from "../src/reconnecting-client.ts";
import type { AnyClient } from "../src/redis-client.ts";
import { connectTo } from "./redis.ts";

test.skipIf(!canStartRedis)(
  "what is asked just before the connection is dropped does not make another one",
  async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const connection = ownConnection(server.url);
    await connection.load();
    const ping = (redis: AnyClient) => redis.get("k");
    await connection.use(ping);
    const late = connection.use(ping);
    connection.drop();
    await expect(late).rejects.toThrow("the connection was lost");
    const client = await connectTo(server.url);
    await vi.waitFor(async () => expect(await client.clientList()).toHaveLength(1));
  },
);
