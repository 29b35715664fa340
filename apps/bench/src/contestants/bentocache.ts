import { BentoCache, type BentoStore } from "bentocache";
import type { Contestant, Setting } from "../contestant.ts";
import { keyOf, textOf } from "./floor.ts";

/** Its entries expire after half an hour by default. */
export function bentocacheOver(answers: BentoStore, { generate }: Setting): Contestant {
  const bento = new BentoCache({ default: "answers", stores: { answers }, ttl: null });
  return {
    async ask(request) {
      const completion = await bento.getOrSet({ key: keyOf(request), factory: () => generate(request) });
      return textOf(completion);
    },
    close: () => bento.disconnectAll(),
  };
}
