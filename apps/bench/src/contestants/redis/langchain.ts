import { RedisCache } from "@langchain/redis";
import { createClient } from "redis";
import type { Open } from "../../contestant.ts";
import { langchainOver } from "../langchain.ts";

export const open: Open = async (setting) => {
  const client = createClient({ url: setting.redisUrl }).on("error", console.error);
  await client.connect();
  return {
    ...langchainOver(new RedisCache(client), setting),
    async close() {
      await client.disconnect();
    },
  };
};
