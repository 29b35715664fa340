import { join } from "node:path";
import { type CacheStore, type Client, createClient, type Journal, type LLMProvider } from "@remem/core";
import { fileJournal } from "@remem/core/journal";
import type { Contestant, Setting } from "../contestant.ts";

/** The same with a journal in a file. */
export function rememWithJournal(store: CacheStore, setting: Setting): Contestant {
  return rememOver(store, setting, fileJournal({ file: join(setting.directory, "journal.jsonl") }));
}

/** A client over the store, with default options. */
export function rememOver(store: CacheStore, setting: Setting, journal?: Journal): Contestant {
  const client = clientOver(store, setting, journal);
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

/** The same, read as a stream up to the first chunk with text. */
export function streamOver(store: CacheStore, setting: Setting): Contestant {
  const client = clientOver(store, setting);
  return {
    async ask({ messages, model, seed, temperature }) {
      for await (const { choices } of client.stream(messages, { model, seed, temperature })) {
        const text = choices[0]?.delta.content;
        if (text) return text;
      }
      throw new Error("The stream has no text.");
    },
    close: () => client.close(),
  };
}

/** A client with default options. */
export function clientOver(store: CacheStore, { generate }: Setting, journal?: Journal): Client {
  const provider: LLMProvider = { specVersion: 1, id: "bench", generate };
  return createClient({ provider, store, params: { model: "gpt-4o-mini" }, journal });
}
