import { canStartRedis, startRedis } from "@remem/test-support/redis/redis-server";
import { expect, onTestFinished, test, vi } from "vitest";
import { ownClient } from "../src/reconnecting-client.ts";
import type { AnyClient } from "../src/redis-client.ts";
import { connectTo } from "./redis.ts";

test.skipIf(!canStartRedis)(
  "a command sent just before the connection is dropped does not open another one",
  async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = ownClient(server.url);
    await client.load();
    const ping = (redis: AnyClient) => redis.get("k");
    await client.use(ping);
    const late = client.use(ping);
    client.drop();
    await expect(late).rejects.toThrow("the connection was lost");
    const admin = await connectTo(server.url);
    await vi.waitFor(async () => expect(await admin.clientList()).toHaveLength(1));
  },
);
