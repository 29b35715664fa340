import { join } from "node:path";
import { type CacheStore, createClient, type Journal } from "@remem/core";
import { fileJournal } from "@remem/core/journal";
import type { Contestant, Setting } from "../contestant.ts";

/** The same with a journal in a file. */
export function rememWithJournal(store: CacheStore, setting: Setting): Contestant {
  return rememOver(store, setting, fileJournal({ file: join(setting.directory, "journal.jsonl") }));
}

/** A client over the store, with default options. */
export function rememOver(store: CacheStore, { generate }: Setting, journal?: Journal): Contestant {
  const client = createClient({
    provider: { specVersion: 1, id: "bench", generate },
    store,
    params: { model: "gpt-4o-mini" },
    journal,
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
