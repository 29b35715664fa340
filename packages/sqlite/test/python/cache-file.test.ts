import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CacheStore,
  type ChatCompletion,
  type ChatRequest,
  decodeEntry,
  encodeEntry,
  memoryStore,
} from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectTo } from "@remem/test-support/database";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { storeContract } from "@remem/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { readOriginalCache, sqliteStore, writeOriginalCache } from "../../src/index.ts";
import { PYTHON_TABLE } from "../../src/python/row.ts";
import { takeOver } from "../damage.ts";

/** A row that `golden/make-original-cache.py` wrote. */
interface GoldenRow {
  readonly request: ChatRequest;
  readonly key: string;
  readonly hit: boolean;
  readonly response?: string;
  readonly metadata?: { readonly response: string | null; readonly finish_reason: string };
}

const golden = (name: string): string => new URL(`../golden/${name}`, import.meta.url).pathname;
const rows = readFileSync(golden("original-cache.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as GoldenRow);
const hits = rows.filter(({ hit }) => hit);
const misses = rows.filter(({ hit }) => !hit);

function copy(): string {
  const path = join(temporaryDirectory(), "gpt-4o-mini_cache.sqlite");
  copyFileSync(golden("gpt-4o-mini_cache.sqlite"), path);
  return path;
}
function open(path: string): CacheStore {
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  return store;
}
const contentOf = (text: string | undefined) =>
  decodeEntry<ChatCompletion>(text ?? "")?.answer.choices[0]?.message.content;
const theirRows = (path: string) =>
  connectTo(path).prepare("SELECT key, hex(message) AS message, metadata FROM cache ORDER BY key").all();

describe("a cache file of the Python class", () => {
  test("serves the rows of its batches, whose metadata is tokens and finish_reason alone", async () => {
    const path = join(temporaryDirectory(), "batch_cache.sqlite");
    const database = connectTo(path);
    database.exec(PYTHON_TABLE);
    const metadata = JSON.stringify({ prompt_tokens: 12, completion_tokens: 3, finish_reason: "stop" });
    database.prepare("INSERT INTO cache VALUES (?, ?, ?)").run("a".repeat(64), "Paris.", metadata);
    database.prepare("INSERT INTO cache VALUES (?, ?, ?)").run("b".repeat(64), "No answer.", '{"tokens": 1}');
    const expected = {
      choices: [{ message: { content: "Paris." }, finish_reason: "stop" }],
      usage: { prompt_tokens: 12, completion_tokens: 3 },
    };
    const store = open(path);
    expect(decodeEntry((await store.get("a".repeat(64))) ?? "")?.answer).toMatchObject(expected);
    expect(await store.get("b".repeat(64))).toBeUndefined();
    const [[, first], [, second]] = [...readOriginalCache(path)] as [[string, string], [string, undefined]];
    expect(decodeEntry(first)?.answer).toMatchObject(expected);
    expect(second).toBeUndefined();
  });

  test("serves the model's answers, one by one and in bulk", async () => {
    const store = open(copy());
    for (const { key, metadata } of hits) {
      const entry = decodeEntry((await store.get(key)) ?? "");
      expect(entry).toMatchObject({ key, answer: { choices: [{ finish_reason: metadata!.finish_reason }] } });
    }
    const texts = await store.getMany!(rows.map(({ key }) => key));
    expect(texts.map((text) => text !== undefined)).toEqual(rows.map(({ hit }) => hit));
    // In one row Python stripped white space that we would keep: its result counts.
    const differing = hits.filter(
      ({ metadata }, place) => contentOf(texts[rows.indexOf(hits[place]!)]) !== metadata!.response,
    );
    expect(differing.map(({ request }) => request.messages[1]?.content)).toEqual(
      Array(2).fill("Fence and odd blanks?"),
    );
  });

  test("serves no answer for unreadable rows", async () => {
    const store = open(copy());
    expect(misses).toHaveLength(12);
    for (const { key } of misses) expect(await store.get(key)).toBeUndefined();
  });

  test("keeps its rows unchanged, for Python too, whatever the store does", async () => {
    const path = copy();
    const before = theirRows(path);
    const store = open(path);
    await store.set(hits[0]!.key, "ours");
    await store.delete(hits[1]!.key);
    await store.set("new", "ours");
    await store.clear();
    await store.close();
    expect(theirRows(path)).toEqual(before);
    expect(connectTo(path).prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "delete" });
  });

  test.each(["delete", "clear"] as const)("keeps rows hidden by %s hidden after reopening", async (how) => {
    const path = copy();
    const store = open(path);
    const key = hits[0]!.key;
    if (how === "delete") {
      expect([await store.delete(key), await store.delete(key)]).toEqual([true, false]);
    } else {
      await store.clear();
    }
    for (const one of [store, open(path)]) {
      expect(await one.get(key)).toBeUndefined();
      expect(await one.getMany!([key])).toEqual([undefined]);
      expect(new Map((await collect(one.entries!())).map(([key, value]) => [key, value])).has(key)).toBe(false);
    }
  });

  test("does not serve a row again when the entry that replaced it expires", async () => {
    const store = open(copy());
    const { key } = hits[0]!;
    await store.set(key, "ours", { expiresAt: Date.now() - 1 });
    expect(await store.get(key)).toBeUndefined();
  });

  test("keeps its answer on ifAbsent, and accepts a value for an unreadable row", async () => {
    const store = open(copy());
    await store.set(hits[0]!.key, "ours", { ifAbsent: true });
    expect(contentOf(await store.get(hits[0]!.key))).toBe(hits[0]!.response);
    await store.set(misses[0]!.key, "ours", { ifAbsent: true });
    expect(await store.get(misses[0]!.key)).toBe("ours");
  });

  test("is listed once, together with our entries", async () => {
    const path = copy();
    const store = open(path);
    await store.set("new", "ours");
    // Python wrote this row after us: our entry is served.
    connectTo(path).exec("INSERT INTO cache VALUES ('new', 'theirs', '{}')");
    await store.set(hits[0]!.key, "ours");
    const found = await collect(store.entries!());
    expect(found.map(([key]) => key).sort()).toEqual([...hits.map(({ key }) => key), "new"].sort());
    for (const [key, value] of found) expect(await store.get(key)).toBe(value);
  });

  test("serves rows that Python adds while the store is open", async () => {
    const path = copy();
    const store = open(path);
    expect(await store.get("later")).toBeUndefined();
    connectTo(path).exec(`INSERT INTO cache VALUES ('later', 'text', '{"response": "text"}')`);
    expect(contentOf(await store.get("later"))).toBe("text");
  });
});

describe("sqliteStore on a file with the Python class's table fulfils the store contract:", () => {
  let path: string;
  const cases = storeContract({
    create() {
      path = temporaryFile();
      connectTo(path).exec(PYTHON_TABLE);
      return sqliteStore({ path });
    },
    reopen: () => sqliteStore({ path }),
    foreign: {
      put: () => connectTo(path).exec("INSERT INTO cache VALUES ('theirs', 'kept', '{}')"),
      isThere: () => connectTo(path).prepare("SELECT message FROM cache").get()?.message === "kept",
    },
    breakBackend: () => takeOver(path),
  });
  for (const { name, run } of cases) test(name, run);
});

describe("a cache file is imported and exported", () => {
  const key = "0123";
  const completion = (content: string | null) => ({
    id: "chatcmpl-1",
    model: "gpt-4o-mini",
    created: 1,
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  });
  async function* of(...entries: Array<readonly [string, string]>) {
    yield* entries;
  }

  test("with the same answers in both directions", async () => {
    const store = memoryStore();
    const unreadable: string[] = [];
    for (const [key, entry] of readOriginalCache(golden("gpt-4o-mini_cache.sqlite"))) {
      if (entry === undefined) unreadable.push(key);
      else await store.set(key, entry);
    }
    expect(unreadable).toHaveLength(10);
    const path = temporaryFile();
    expect(await writeOriginalCache(path, store.entries!())).toEqual({ written: hits.length, kept: 0, skipped: 0 });
    const there = new Map(theirRows(path).map(({ key, ...row }) => [key, row]));
    for (const { key, metadata, response } of hits) {
      const row = there.get(key);
      expect(Buffer.from(String(row?.message), "hex").toString()).toBe(response);
      if (response !== '{"a": 1}') expect(JSON.parse(String(row?.metadata))).toEqual(metadata);
    }
  });

  test("with our entry as Python would have written it", async () => {
    const path = temporaryFile();
    const messages = [{ role: "user" as const, content: "Höh?" }];
    const request: ChatRequest = { model: "gpt-4o-mini", messages, response_format: { type: "json_object" } };
    const fenced = '```json\n{"a":1}\n```';
    const entry = encodeEntry({ key, createdAt: 1, answer: completion(fenced), request });
    await writeOriginalCache(path, of([key, entry]));
    const [row] = connectTo(path).prepare("SELECT * FROM cache").all();
    expect(row).toMatchObject({ key, message: '{"a":1}' });
    expect(row?.metadata).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(String(row?.metadata))).toEqual({
      prompt: messages,
      response: fenced,
      prompt_tokens: 3,
      completion_tokens: 2,
      finish_reason: "stop",
    });
  });

  test("with the text of content in parts, and with numbers alone as usage", async () => {
    const path = temporaryFile();
    const parts = [
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "a" },
    ];
    const answer = { ...completion(parts as never), usage: { prompt_tokens: {}, completion_tokens: 2 } };
    await writeOriginalCache(path, of([key, encodeEntry({ key, createdAt: 1, answer })]));
    const [row] = connectTo(path).prepare("SELECT * FROM cache").all();
    expect(row).toMatchObject({ message: "a" });
    expect(JSON.parse(String(row?.metadata))).toMatchObject({ response: "a", prompt_tokens: 0, completion_tokens: 2 });
  });

  test("without replacing a row, and without values that are damaged, expired or not entries", async () => {
    const path = copy();
    const before = theirRows(path);
    const ours = (key: string, expiresAt?: number) =>
      encodeEntry({ key, createdAt: 1, ...(expiresAt !== undefined && { expiresAt }), answer: completion(null) });
    const count = await writeOriginalCache(
      path,
      of(
        [hits[0]!.key, ours(hits[0]!.key)],
        ["new", ours("new")],
        ["a", ours("b")],
        ["c", ours("c", 5)],
        ["d", "text"],
      ),
    );
    expect(count).toEqual({ written: 1, kept: 1, skipped: 3 });
    expect(theirRows(path).filter(({ key }) => key !== "new")).toEqual(before);
  });

  test("from an existing file with the table, or it throws with the reason", () => {
    const none = temporaryFile();
    expect(() => [...readOriginalCache(none)]).toThrow(`There is no file ${none}.`);
    expect(existsSync(none)).toBe(false);
    const other = temporaryFile();
    connectTo(other).exec("CREATE TABLE other (a)");
    expect(() => [...readOriginalCache(other)]).toThrow(/no table cache \(key, message, metadata\)/);
    const text = temporaryFile();
    writeFileSync(text, "not a database, but a text that is longer than the header of one".repeat(9));
    expect(() => [...readOriginalCache(text)]).toThrow(/not a cache file of CacheOpenAI/);
  });
});

const python = (() => {
  try {
    execFileSync("python3", ["-c", "import sqlite3"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!python)(
  "Python opens a file that the store has written to, and finds its rows (skipped without Python)",
  async () => {
    const path = copy();
    const store = open(path);
    await store.set("new", "ours");
    await store.clear();
    const script = `
import json, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("SELECT key, message, metadata FROM cache").fetchall()
print(json.dumps({key: message for key, message, metadata in rows if isinstance(message, (str, type(None)))}))`;
    const found = JSON.parse(execFileSync("python3", ["-c", script, path], { encoding: "utf8" }));
    for (const { key, response } of hits) expect(found[key] ?? "").toBe(response);
  },
);
