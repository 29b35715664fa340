import { type Cache, cachified } from "@epic-web/cachified";
import type { Contestant, Setting } from "../contestant.ts";
import { keyOf, textOf } from "./floor.ts";

export function cachifiedOver(cache: Cache, { generate }: Setting): Pick<Contestant, "ask"> {
  return {
    async ask(request) {
      const completion = await cachified({ key: keyOf(request), cache, getFreshValue: () => generate(request) });
      return textOf(completion);
    },
  };
}
