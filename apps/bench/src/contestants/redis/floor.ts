import { createClient } from "@redis/client"; // Without its own command timeout, as remem uses it.
import type { Open } from "../../contestant.ts";
import { answerIn, entryOf, keyOf, textOf } from "../floor.ts";

export const open: Open = async ({ redisUrl, generate }) => {
  const client = createClient({ url: redisUrl, RESP: 2, commandOptions: { timeout: 0 } });
  await client.connect();
  return {
    async ask(request) {
      const key = keyOf(request);
      const entry = await client.get(key);
      if (entry !== null) return answerIn(entry as string);
      const completion = await generate(request);
      const { value, sidecar } = entryOf(key, request, completion);
      await Promise.all([client.set(key, value), client.set(`${key}:s`, sidecar)]);
      return textOf(completion);
    },
    async askAll(requests) {
      const entries = await client.mGet(requests.map(keyOf));
      return entries.map((entry) => answerIn(entry as string));
    },
    async close() {
      client.destroy();
    },
  };
};
