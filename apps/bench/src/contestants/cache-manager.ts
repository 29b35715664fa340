import type { Cache } from "cache-manager";
import type { Contestant, Setting } from "../contestant.ts";
import { keyOf, textOf } from "./floor.ts";

export function cacheManagerOver(cache: Cache, { generate }: Setting): Contestant {
  return {
    async ask(request) {
      const completion = await cache.wrap(keyOf(request), () => generate(request));
      return textOf(completion);
    },
    async close() {
      await cache.disconnect();
    },
  };
}
