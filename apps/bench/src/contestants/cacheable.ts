import type { Cacheable } from "cacheable";
import type { Contestant, Setting } from "../contestant.ts";
import { keyOf, textOf } from "./floor.ts";

export function cacheableOver(cache: Cacheable, { generate }: Setting): Contestant {
  return {
    async ask(request) {
      // By default it returns `undefined` when the model fails.
      const completion = await cache.getOrSet(keyOf(request), () => generate(request), { throwErrors: "function" });
      return textOf(completion!);
    },
    close: () => cache.disconnect(),
  };
}
