import { copyFileSync, statSync } from "node:fs";
import { zstdCompressSync } from "node:zlib";
import type { CacheStore } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectTo } from "@remem/test-support/database";
import { temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, onTestFinished, test } from "vitest";
import { sqliteStore } from "../src/index.ts";
import { expectIntact, finish, keysIn, start } from "./children.ts";

function open(path: string, compress: boolean): CacheStore {
  const store = sqliteStore({ path, compress });
  onTestFinished(() => store.close());
  return store;
}
const textOf = (index: number) => `Answer ${index}: ${"the same again, and ".repeat(100)}`;

/** Returns the key and kind of each row, ordered by key. */
const kindsIn = (path: string) =>
  Object.fromEntries(
    connectTo(path)
      .prepare("SELECT key, typeof(value) AS kind FROM remem_entries ORDER BY key")
      .all()
      .map(({ key, kind }) => [key, kind]),
  );

test("a value is compressed only on request, and only if that is smaller", async () => {
  const path = temporaryFile();
  const [plain, compressing] = [open(path, false), open(path, true)];
  await plain.set("plain", textOf(1));
  await compressing.set("compressed", textOf(1));
  await compressing.set("short", "v");
  expect(kindsIn(path)).toEqual({ compressed: "blob", plain: "text", short: "text" });
});

test("a file of compressed values has less than half the size", async () => {
  const paths = [false, true].map((compress) => ({ path: temporaryFile(), compress }));
  for (const { path, compress } of paths) {
    const store = open(path, compress);
    for (let index = 0; index < 300; index++) await store.set(`key ${index}`, textOf(index));
    await store.close();
  }
  const [plain, compressed] = paths.map(({ path }) => statSync(path).size);
  expect(compressed!).toBeLessThan(plain! / 2);
});

describe.each([
  { compress: false, other: true },
  { compress: true, other: false },
])("with `compress: $compress`", ({ compress, other }) => {
  test("every operation reads, and deletes, values of a store with the other setting", async () => {
    const path = temporaryFile();
    const keys = Array.from({ length: 300 }, (_, index) => `key ${index}`);
    const writer = open(path, other);
    for (const [index, key] of keys.entries()) await writer.set(key, textOf(index));
    const store = open(path, compress);
    const expected = keys.map((_, index) => textOf(index));
    expect(await Promise.all(keys.map((key) => store.get(key)))).toEqual(expected);
    expect(await store.getMany!(keys)).toEqual(expected);
    expect(new Map((await collect(store.entries!())).map(([key, value]) => [key, value]))).toEqual(
      new Map(keys.map((key, index) => [key, expected[index]])),
    );
    expect(await store.delete(keys[0]!)).toBe(true);
    expect(await writer.get(keys[0]!)).toBeUndefined();
  });

  test("values of a store with the other setting are replaced, except with ifAbsent", async () => {
    const path = temporaryFile();
    const [store, writer] = [open(path, compress), open(path, other)];
    await writer.set("k", textOf(1));
    await store.set("k", textOf(2), { ifAbsent: true });
    expect(await store.get("k")).toBe(textOf(1));
    await store.set("k", textOf(3), { expiresAt: Date.now() + 60_000 });
    expect(await writer.get("k")).toBe(textOf(3));
    expect(kindsIn(path)).toEqual({ k: compress ? "blob" : "text" });
  });

  test("a damaged BLOB does not affect other entries, and is replaced", async () => {
    const path = temporaryFile();
    const writer = open(path, true);
    for (const key of ["cut", "noise", "kept"]) await writer.set(key, textOf(1));
    const database = connectTo(path);
    database.exec(`
      UPDATE remem_entries SET value = substr(value, 1, length(value) - 9) WHERE key = 'cut';
      UPDATE remem_entries SET value = x'00ff' WHERE key = 'noise';
    `);
    const insert = database.prepare("INSERT INTO remem_entries (key, value) VALUES (?, ?)");
    insert.run("too much", zstdCompressSync(Buffer.alloc(100 * 1024 * 1024)));
    const store = open(path, compress);
    const [keys, values] = [
      ["cut", "noise", "kept", "too much"],
      ["", "", textOf(1), ""],
    ];
    expect(await store.getMany!(keys)).toEqual(values);
    expect(await Promise.all(keys.map((key) => store.get(key)))).toEqual(values);
    expect(new Map((await collect(store.entries!())).map(([key, value]) => [key, value]))).toEqual(
      new Map(keys.map((key, index) => [key, values[index]])),
    );
    for (const key of keys) await store.set(key, "new");
    expect(await store.getMany!(keys)).toEqual(keys.map(() => "new"));
  });
});

test("rows of the Python class are hits until a compressed entry hides them", async () => {
  const path = temporaryFile();
  copyFileSync(new URL("golden/gpt-4o-mini_cache.sqlite", import.meta.url).pathname, path);
  const store = open(path, true);
  const row = connectTo(path).prepare("SELECT key FROM cache WHERE metadata LIKE '{%' LIMIT 1").get();
  const key = String(row?.key);
  const theirs = await store.get(key);
  expect(theirs).toMatch(/^remem\/1 /);
  await store.set(key, textOf(1), { ifAbsent: true });
  expect(await store.get(key)).toBe(theirs);
  await store.set(key, textOf(1));
  expect(kindsIn(path)).toEqual({ [key]: "blob" });
  expect(await store.getMany!([key])).toEqual([textOf(1)]);
});

test("processes with and without compression write to one file without a loss", async () => {
  const path = temporaryFile();
  const writers = ["no", "yes", "no", "yes"].map((compress, index) =>
    start("writer", path, `${compress} ${index}`, "100", ...(compress === "yes" ? ["compress"] : [])),
  );
  await Promise.all(writers.map((writer) => writer.says("ready")));
  for (const writer of writers) writer.process.send("go");
  await finish(writers);
  expect((await keysIn(path)).size).toBe(4 * 100);
  for (const [key, kind] of Object.entries(kindsIn(path))) expect(kind).toBe(key.startsWith("yes") ? "blob" : "text");
  const found = await collect(open(path, false).entries!());
  for (const [key, value] of found) expect(value).toBe(`value of ${key} ${"x".repeat(1000)}`);
  expectIntact(path);
}, 60_000);
