import * as library from "@keyv/redis";
import { expect, onTestFinished, test, vi } from "vitest";
import { canStartRedis, startRedis } from "../../testing/test/redis-server.ts";
import { type Adapter, ownConnection } from "../src/connection.ts";
import { connectTo } from "./redis.ts";

test.skipIf(!canStartRedis)(
  "what is asked just before the connection is dropped does not make another one",
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const connection = ownConnection(redis.url);
    const ping = (adapter: Adapter) => adapter.get("k");
    await connection.use(library, ping);
    const late = connection.use(library, ping);
    connection.drop();
    await expect(late).rejects.toThrow("the connection was lost");
    const client = await connectTo(redis.url);
    await vi.waitFor(async () => expect(await client.clientList()).toHaveLength(1));
  },
);
