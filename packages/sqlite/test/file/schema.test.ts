import { copyFileSync } from "node:fs";
import type { CacheStore } from "@remem/core";
import { connectTo } from "@remem/test-support/database";
import { temporaryFile } from "@remem/test-support/temporary";
import { expect, onTestFinished, test } from "vitest";
import { sqliteStore } from "../../src/index.ts";
import { movedAside } from "../damage.ts";

function open(path: string): CacheStore {
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  return store;
}
const tables = (path: string) =>
  connectTo(path)
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => String(name));

test.each([
  ["dropped", "DROP TABLE remem_entries"],
  ["dropped together with our others", "DROP TABLE remem_entries; DROP TABLE remem_hidden"],
])("a table that was %s is an error, never a miss, and is recreated", async (_, sql) => {
  const path = temporaryFile();
  const store = open(path);
  await store.set("secret key", "secret value");
  connectTo(path).exec(sql);
  const failure = await store.get("secret key").catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "STORE_ERROR", message: expect.stringContaining(path) });
  expect(String(failure)).not.toContain("secret");
  await store.set("k", "new");
  expect(await store.getMany!(["k", "secret key"])).toEqual(["new", undefined]);
  expect(tables(path)).toEqual(["remem_entries", "remem_hidden"]);
});

test.each([
  ["whose column has another name", "ALTER TABLE remem_entries RENAME COLUMN value TO text"],
  [
    "without a column",
    "DROP VIEW remem_view; DROP INDEX remem_entries_expiry; ALTER TABLE remem_entries DROP COLUMN expires_at",
  ],
  [
    "without its key",
    "DROP VIEW remem_view; CREATE TABLE copy AS SELECT * FROM remem_entries; DROP TABLE remem_entries; ALTER TABLE copy RENAME TO remem_entries",
  ],
])("a table %s fails once and is replaced, and its rows are kept under another name", async (_, sql) => {
  const path = temporaryFile();
  const store = open(path);
  await store.set("k", "old");
  connectTo(path).exec(sql);
  await expect(store.set("k", "new")).rejects.toMatchObject({ code: "STORE_ERROR" });
  await store.set("k", "new");
  expect(await store.get("k")).toBe("new");
  const index = connectTo(path).prepare("SELECT tbl_name FROM sqlite_schema WHERE name = 'remem_entries_expiry'").get();
  expect(index).toEqual({ tbl_name: "remem_entries" });
  const [, aside, ...others] = tables(path);
  expect(others).toEqual(["remem_hidden"]);
  expect(aside).toMatch(/^remem_entries_\d+$/);
  expect(connectTo(path).prepare(`SELECT count(*) AS rows FROM ${aside}`).get()).toEqual({ rows: 1 });
  expect(movedAside(path)).toEqual([]);
});

test("rows of the Python class are still hits, or still hidden, after our entries were dropped", async () => {
  const path = temporaryFile();
  copyFileSync(new URL("../golden/gpt-4o-mini_cache.sqlite", import.meta.url).pathname, path);
  const store = open(path);
  const [hit, hidden] = connectTo(path).prepare("SELECT key FROM cache WHERE metadata LIKE '{%' LIMIT 2").all();
  await store.delete(String(hidden?.key));
  connectTo(path).exec("DROP TABLE remem_entries");
  await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_ERROR" });
  expect(await store.get(String(hit?.key))).toMatch(/^remem\/1 /);
  expect(await store.get(String(hidden?.key))).toBeUndefined();
});

test("a file of schema version 1 keeps its entries, and has sidecars from then on", async () => {
  const path = temporaryFile();
  connectTo(path).exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE remem_entries (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER);
    CREATE TABLE remem_hidden (key TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
    CREATE INDEX remem_entries_expiry ON remem_entries (expires_at) WHERE expires_at IS NOT NULL;
    INSERT INTO remem_entries VALUES ('old', 'value', NULL);
    PRAGMA user_version = 1`);
  const store = open(path);
  expect(await store.get("old")).toBe("value");
  expect(await store.getSidecar!("old")).toBeUndefined();
  await store.set("new", "value", { sidecar: "beside it" });
  expect(await store.getSidecar!("new")).toBe("beside it");
  expect(tables(path)).toEqual(["remem_entries", "remem_hidden"]);
});
