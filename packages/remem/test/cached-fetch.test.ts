import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJournal } from "@remem/core/journal";
import { collect } from "@remem/test-support/collect";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import OpenAI from "openai-6";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cachedFetch, createRemem, memoryStore, type RememFetchOptions } from "../src/index.ts";

let directory: string;
let server: CompletionsServer;
const home = process.cwd();

beforeEach(async () => {
  directory = temporaryDirectory();
  process.chdir(directory);
  server = await completionsServer();
  vi.stubEnv("REMEM_STORE", "");
  vi.stubEnv("REMEM_JOURNAL", "");
});
afterEach(async () => {
  process.chdir(home);
  vi.unstubAllEnvs();
  await server.close();
});

async function ask(options?: RememFetchOptions): Promise<void> {
  await using fetch = cachedFetch(options);
  const client = new OpenAI({ fetch, baseURL: server.baseURL, apiKey: "k" });
  await client.chat.completions.create({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "Name a river." }],
  });
}

test("answers lie in one file of the cache directory by default, for all models and the next process", async () => {
  await ask();
  await ask({ store: "sqlite:llm_cache/remem_cache.sqlite" });
  expect(server.calls).toBe(1);
});

test("a store, its URL, the variable and the configuration file name another store", async () => {
  const store = memoryStore();
  await ask({ store });
  await ask({ store: "sqlite:one.sqlite" });
  vi.stubEnv("REMEM_STORE", "sqlite:two.sqlite");
  await ask();
  vi.stubEnv("REMEM_STORE", "");
  writeFileSync("remem.config.json", JSON.stringify({ store: "sqlite:three.sqlite", journal: "calls.jsonl" }));
  await ask();
  expect(server.calls).toBe(4);
  for (const url of ["sqlite:one.sqlite", "sqlite:two.sqlite", "sqlite:three.sqlite"]) await ask({ store: url });
  expect(server.calls).toBe(4);
  const sources = (await collect(readJournal(join(directory, "calls.jsonl")))).map(({ source }) => source);
  expect(sources).toEqual(["provider", "store", "store", "store"]);
});

test("createRemem over the same store finds its answers", async () => {
  await ask();
  await using client = createRemem({
    store: "sqlite:llm_cache/remem_cache.sqlite",
    baseURL: server.baseURL,
    apiKey: "k",
  });
  expect(await client.infer("Name a river.")).toMatchObject({ source: "store" });
});

test("limits of an option and of the configuration file are both kept to", async () => {
  writeFileSync("remem.config.json", JSON.stringify({ limits: { maxWaitMs: 0 } }));
  server.script([{ status: 429, headers: { "retry-after": "60" } }]);
  const reserved: object[] = [];
  const budget = {
    reserve(request: object) {
      reserved.push(request);
      return () => {};
    },
  };
  await using fetch = cachedFetch({ limits: { budget } });
  const client = new OpenAI({ fetch, baseURL: server.baseURL, apiKey: "k", maxRetries: 0 });
  const request = { model: "gpt-4o-mini", messages: [{ role: "user" as const, content: "Name a river." }] };
  for (let turn = 0; turn < 2; turn++) {
    await expect(client.chat.completions.create(request)).rejects.toMatchObject({ status: 429 });
  }
  expect(server.calls).toBe(1);
  expect(reserved).toEqual([request]);
});

test("an option that does not exist is refused by name", () => {
  expect(() => cachedFetch({ model: "m" } as never)).toThrow(/cachedFetch: there is no option `model`/);
});
