import { createClient } from "@redis/client";
import type { Open } from "../../contestant.ts";
import { aiSdkOver } from "../ai-sdk.ts";

export const open: Open = async (setting) => {
  const client = createClient({ url: setting.redisUrl }).on("error", console.error);
  await client.connect();
  return aiSdkOver(
    {
      async get(key) {
        const text = await client.get(key);
        return text === null ? undefined : JSON.parse(text as string);
      },
      set: (key, result) => client.set(key, JSON.stringify(result)),
      async close() {
        client.destroy();
      },
    },
    setting,
  );
};
