import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type JournalCall, readJournal } from "@remem/core/journal";
import { collect } from "@remem/test-support/collect";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CacheOpenAI, createRemem, defaultJournalFile, type Journal, type RememOptions } from "../src/index.ts";

let directory: string;
let server: CompletionsServer;

beforeEach(async () => {
  directory = temporaryDirectory();
  server = await completionsServer();
  vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
  vi.stubEnv("OPENAI_API_KEY", "sk-secret-key");
  vi.stubEnv("REMEM_STORE", "");
  vi.stubEnv("REMEM_JOURNAL", "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const sourcesIn = async (file: string): Promise<string[]> =>
  (await collect(readJournal(file))).map(({ source }) => source);

async function askTwice(journal: RememOptions["journal"]): Promise<void> {
  await using client = createRemem({ cacheDir: directory, journal });
  for (let round = 0; round < 2; round++) await client.infer("Hi");
}

test("`true` writes a journal in the cache directory, and a path writes it there", async () => {
  await askTwice(true);
  expect(await sourcesIn(defaultJournalFile(directory))).toEqual(["provider", "store"]);
  expect(defaultJournalFile()).toBe(join("llm_cache", "remem-journal.jsonl"));
  const file = join(directory, "elsewhere", "journal.jsonl");
  await askTwice(file);
  expect(await sourcesIn(file)).toEqual(["store", "store"]);
});

test("the variable REMEM_JOURNAL names a file, an option comes before it, and `false` switches it off", async () => {
  const file = join(directory, "journal.jsonl");
  vi.stubEnv("REMEM_JOURNAL", file);
  await askTwice(false);
  expect(existsSync(file)).toBe(false);
  await askTwice(undefined);
  expect(await sourcesIn(file)).toEqual(["store", "store"]);
  await askTwice(true);
  expect(await sourcesIn(file)).toHaveLength(2);
  expect(await sourcesIn(defaultJournalFile(directory))).toEqual(["store", "store"]);
});

test("without an option and a variable there is no journal", async () => {
  await askTwice(undefined);
  expect(readdirSync(directory).filter((name) => name.includes("journal"))).toEqual([]);
});

test("a journal of the caller's gets the records, and is closed with the client", async () => {
  const calls: JournalCall[] = [];
  const close = vi.fn(async () => {});
  const journal: Journal = { specVersion: 1, record: (call) => void calls.push(call), close };
  await askTwice(journal);
  expect(calls.map(({ source, model }) => [source, model])).toEqual([
    ["provider", "gpt-4o-mini"],
    ["store", "gpt-4o-mini"],
  ]);
  expect(close).toHaveBeenCalledOnce();
});

test("CacheOpenAI takes the option and the variable, too", async () => {
  for (const [journal, file] of [
    [true, defaultJournalFile(directory)],
    [undefined, join(directory, "from-variable.jsonl")],
  ] as const) {
    if (journal === undefined) vi.stubEnv("REMEM_JOURNAL", file);
    await using client = new CacheOpenAI({ cacheDir: directory, journal });
    await client.infer([{ role: "user", content: "Hi" }]);
    await client.close();
    expect(await sourcesIn(file)).toHaveLength(1);
  }
});

test.each([[""], ["a\0b"]])("the path %j is refused by name", (journal) => {
  expect(() => createRemem({ journal })).toThrow(
    "createRemem: `journal` must be true, false, the path of a file, or a journal.",
  );
});
