import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { type CacheStore, encodeEntry, type JsonObject, type KeyFacts, putEntry } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectTo } from "@remem/test-support/database";
import { canMount, readOnlyView } from "@remem/test-support/mounts";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { expect, onTestFinished, test } from "vitest";
import { sqliteStore } from "../../src/index.ts";

function open(path: string, compress = false): CacheStore {
  const store = sqliteStore({ path, compress });
  onTestFinished(() => store.close());
  return store;
}
const rowsIn = (path: string, where = "1") =>
  connectTo(path).prepare(`SELECT * FROM remem_view WHERE ${where}`).all() as Array<Record<string, unknown>>;

const CREATED = Date.UTC(2026, 0, 31, 18, 5, 6, 7);
const MESSAGES = [{ role: "user", content: 'Say "é" 😀\n' }];
const ANSWER = {
  id: "1",
  model: "gpt-4o-mini-2024-07-18",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: '"é" 😀\nthen more' } }],
  usage: { prompt_tokens: 10, completion_tokens: 2 },
};

async function put(store: CacheStore, key: string, facts: KeyFacts = {}, others: object = {}): Promise<void> {
  const request = { model: "gpt-4o-mini", temperature: 0.5, messages: MESSAGES } as JsonObject;
  await putEntry(store, key, encodeEntry({ key, createdAt: CREATED, answer: ANSWER, request, facts, ...others }));
}

test("the view has times, model, messages, parameters, answer and usage in columns of their own", async () => {
  const path = temporaryFile();
  await put(open(path), "k", { scope: "https://other.example/v1", sample: 2 });
  expect(rowsIn(path)).toEqual([
    {
      key: "k",
      created_at: "2026-01-31T18:05:06.007Z",
      expires_at: null,
      model: "gpt-4o-mini",
      surface: "chat",
      scope: "https://other.example/v1",
      sample: 2,
      prompt: JSON.stringify(MESSAGES),
      parameters: '{"temperature":0.5}',
      response: '"é" 😀\nthen more',
      finish_reason: "stop",
      prompt_tokens: 10,
      completion_tokens: 2,
      answer: JSON.stringify(ANSWER),
      request: JSON.stringify({ model: "gpt-4o-mini", temperature: 0.5, messages: MESSAGES }),
    },
  ]);
});

test("an entry without its request, one of another surface, and one that expires have what they tell", async () => {
  const path = temporaryFile();
  const store = open(path);
  const expiresAt = Date.now() + 60_000;
  await putEntry(store, "bare", encodeEntry({ key: "bare", createdAt: CREATED, answer: ANSWER }));
  await put(store, "other", { surface: "embeddings" });
  const text = encodeEntry({ key: "late", createdAt: CREATED, expiresAt, answer: ANSWER });
  await putEntry(store, "late", text, { expiresAt });
  await store.set("whole", encodeEntry({ key: "whole", createdAt: 0, answer: ANSWER, request: { model: "" } }));
  connectTo(path).exec("INSERT INTO remem_entries (key, value, expires_at) VALUES ('expired', 'v', 1)");
  const rows = new Map(rowsIn(path).map((row) => [row.key, row]));
  expect(rows.get("bare")).toMatchObject({ model: ANSWER.model, surface: null, request: null, parameters: null });
  expect(rows.get("other")).toMatchObject({ surface: "embeddings" });
  expect(rows.get("late")?.expires_at).toBe(new Date(expiresAt).toISOString());
  expect(rows.get("whole")).toMatchObject({ created_at: null, model: ANSWER.model, request: '{"model":""}' });
  expect(rows.size).toBe(4);
});

test("damaged and compressed entries are rows of NULLs, and fail no query", async () => {
  const path = temporaryFile();
  await put(open(path, true), "compressed", {}, { answer: { ...ANSWER, text: "long ".repeat(1_000) } });
  const store = open(path);
  for (const [index, value] of ["", "?", "remem/1 ", "remem/1 x\n{", '"', '"a\\u0000b"', "a\0b"].entries()) {
    await store.set(`damaged ${index}`, value, { sidecar: "{" });
  }
  await store.set("odd \0 key", "v");
  const rows = rowsIn(path);
  expect(rows).toHaveLength(9);
  for (const { answer, response, created_at } of rows)
    expect([answer, response, created_at]).toEqual([null, null, null]);
  const models = rows.filter(({ model }) => model !== null).map(({ key, model }) => [key, model]);
  expect(models).toEqual([["compressed", "gpt-4o-mini"]]); // Its request is too short to be compressed.
});

test("a file of schema version 2 gets the view, and keeps a table of another program by this name", async () => {
  for (const theirs of ["", "CREATE TABLE remem_view (it);"]) {
    const path = temporaryFile();
    connectTo(path).exec(`
      CREATE TABLE remem_entries (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER, sidecar TEXT);
      CREATE TABLE remem_hidden (key TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
      INSERT INTO remem_entries (key, value) VALUES ('old', 'value');
      ${theirs} PRAGMA user_version = 2`);
    expect(await open(path).get("old")).toBe("value");
    expect(rowsIn(path)).toHaveLength(theirs === "" ? 1 : 0);
  }
});

test.skipIf(!canMount)("a read-only file of schema version 2 is read without the view", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "cache.sqlite");
  const writer = open(path);
  await put(writer, "k");
  await writer.close();
  connectTo(path).exec("DROP VIEW remem_view; PRAGMA user_version = 2");
  const store = open(join(readOnlyView(directory).directory, "cache.sqlite"));
  expect(await collect(store.heads!())).toHaveLength(1);
});

test("a table that was altered is replaced, and the view reads the new one", async () => {
  const path = temporaryFile();
  const store = open(path);
  await put(store, "old");
  connectTo(path).exec("ALTER TABLE remem_entries RENAME COLUMN value TO text");
  await expect(store.set("k", "v")).rejects.toMatchObject({ code: "STORE_ERROR" });
  await put(store, "new");
  expect(rowsIn(path).map(({ key }) => key)).toEqual(["new"]);
});

test("a file of the Python class gets the view, which has our entries alone", async () => {
  const path = temporaryFile();
  copyFileSync(new URL("../golden/gpt-4o-mini_cache.sqlite", import.meta.url).pathname, path);
  await put(open(path), "k");
  expect(rowsIn(path)).toHaveLength(1);
});

const READERS: ReadonlyArray<readonly [program: string, args: (path: string, sql: string) => string[]]> = [
  ["sqlite3", (path, sql) => [path, sql]],
  [
    "python3",
    (path, sql) => [
      "-c",
      `import sqlite3; print(sqlite3.connect(${JSON.stringify(path)}).execute(${JSON.stringify(sql)}).fetchone()[0])`,
    ],
  ],
];

test.each(READERS)("%s reads the view, where it is installed", async (program, args) => {
  if (spawnSync(program, ["--version"]).status !== 0) return;
  const path = temporaryFile();
  await put(open(path), "k");
  const { stdout, stderr } = spawnSync(program, args(path, "SELECT response FROM remem_view"), { encoding: "utf8" });
  expect([stdout.trimEnd(), stderr]).toEqual(['"é" 😀\nthen more', ""]);
});
