import { join } from "node:path";
import { cacheKey } from "@remem/core";
import { sqliteStore } from "@remem/sqlite";
import type { Open } from "../../contestant.ts";
import { answerIn, entryOf, textOf } from "../floor.ts";

/** Reads the file of `remem` through the store alone. The difference to a hit of `remem` is the overhead of the client. */
export const open: Open = async ({ directory, generate }) => {
  const store = sqliteStore({ path: join(directory, "cache.sqlite") });
  return {
    async ask(request) {
      const key = cacheKey(request);
      const entry = await store.get(key);
      if (entry !== undefined) return answerIn(entry);
      const completion = await generate(request);
      const { value, sidecar } = entryOf(key, request, completion);
      await store.set(key, value, { sidecar });
      return textOf(completion);
    },
    close: () => store.close(),
  };
};
