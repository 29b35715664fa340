import { createClient } from "@redis/client"; // Without its own command timeout, as remem uses it.
import type { Open } from "../../contestant.ts";
import { bareAnswerIn, bareEntryOf } from "../bare.ts";
import { keyOf, textOf } from "../floor.ts";

export const open: Open = async ({ redisUrl, generate }) => {
  const client = createClient({ url: redisUrl, RESP: 2, commandOptions: { timeout: 0 } });
  await client.connect();
  return {
    async ask(request) {
      const key = keyOf(request);
      const entry = await client.get(key);
      if (entry !== null) return bareAnswerIn(entry as string);
      const completion = await generate(request);
      await client.set(key, bareEntryOf(completion));
      return textOf(completion);
    },
    async askAll(requests) {
      const entries = await client.mGet(requests.map(keyOf));
      return entries.map((entry) => bareAnswerIn(entry as string));
    },
    async close() {
      client.destroy();
    },
  };
};
