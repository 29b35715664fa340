import type { ChatCompletion } from "@remem/core";
import type { Contestant, Setting } from "../contestant.ts";
import { keyOf, textOf } from "./floor.ts";

/** The common methods of Keyv 5 and 6. */
interface AnyKeyv {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<unknown>;
  disconnect(): Promise<unknown>;
}

export function keyvOver(keyv: AnyKeyv, { generate }: Setting): Contestant {
  return {
    async ask(request) {
      const key = keyOf(request);
      const kept = (await keyv.get(key)) as ChatCompletion | undefined;
      if (kept !== undefined) return textOf(kept);
      const completion = await generate(request);
      await keyv.set(key, completion);
      return textOf(completion);
    },
    async close() {
      await keyv.disconnect();
    },
  };
}
