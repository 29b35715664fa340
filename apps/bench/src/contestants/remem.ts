import { type CacheStore, createClient } from "@remem/core";
import type { Contestant, Setting } from "../contestant.ts";

/** A client over the store, with default options. */
export function rememOver(store: CacheStore, { generate }: Setting): Contestant {
  const client = createClient({
    provider: { specVersion: 1, id: "bench", generate },
    store,
    params: { model: "gpt-4o-mini" },
  });
  return {
    async ask({ messages, model, seed, temperature }) {
      const { response } = await client.infer(messages, { model, seed, temperature });
      return response;
    },
    async askAll(requests) {
      const texts: string[] = [];
      for await (const result of client.inferEach(requests)) {
        if (result.error) throw result.error;
        texts.push(result.response);
      }
      return texts;
    },
    close: () => client.close(),
  };
}
