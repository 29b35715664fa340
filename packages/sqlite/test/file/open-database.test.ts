import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "@remem/core";
import { connectTo } from "@remem/test-support/database";
import { temporaryFile } from "@remem/test-support/temporary";
import { afterEach, describe, expect, test, vi } from "vitest";
import { hasWalResetFix } from "../../src/driver/node-sqlite.ts";
import { entryTable } from "../../src/entry-table.ts";
import { createMaintenance } from "../../src/file/maintenance.ts";
import { networkFileSystem } from "../../src/file/network-file-system.ts";
import { type Host, openDatabase } from "../../src/file/open-database.ts";
import { createPrivateFile } from "../../src/file/private-file.ts";
import { SCHEMA_VERSION } from "../../src/file/schema.ts";
import { sqliteStore } from "../../src/index.ts";
import { journalOwner } from "../../src/journal/journal-owner.ts";
import { watchWarnings } from "../damage.ts";

afterEach(() => void vi.restoreAllMocks());

const pragma = (database: DatabaseSync, name: string) => database.prepare(`PRAGMA ${name}`).get()?.[name];
const tables = (database: DatabaseSync) =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => name);

async function write(path: string): Promise<void> {
  const store = sqliteStore({ path });
  try {
    await store.set("k", "v");
    expect(await store.get("k")).toBe("v");
  } finally {
    await store.close();
  }
}

test("a new file has small pages, a schema version, an index of expiries, and WAL if this SQLite has the fix", async () => {
  const path = temporaryFile();
  await write(path);
  const database = connectTo(path);
  const version = database.prepare("SELECT sqlite_version() AS it").get()?.it;
  expect(pragma(database, "page_size")).toBe(2048);
  expect(pragma(database, "user_version")).toBe(SCHEMA_VERSION);
  expect(pragma(database, "journal_mode")).toBe(hasWalResetFix(String(version)) ? "wal" : "delete");
  const plan = database.prepare("EXPLAIN QUERY PLAN DELETE FROM remem_entries WHERE expires_at <= 1").all();
  expect(JSON.stringify(plan)).toContain("remem_entries_expiry");
});

describe("on an unsuitable host", () => {
  function openOn(host: Partial<Host>): string {
    const path = temporaryFile();
    createPrivateFile(path);
    reopenOn(path, host);
    return path;
  }
  function reopenOn(path: string, host: Partial<Host>): void {
    const maintenance = createMaintenance(path);
    const { database } = openDatabase(path, maintenance, journalOwner(path, maintenance), {
      hasWalResetFix,
      networkFileSystem,
      ...host,
    });
    const table = entryTable(database);
    table.set("k", "v");
    expect(table.get("k")).toBe("v");
    database.close();
  }
  const lacksFix = { hasWalResetFix: () => false };

  test("a new file has a rollback journal, without a warning, if SQLite lacks the WAL-reset fix", () => {
    const warnings = watchWarnings();
    expect(pragma(connectTo(openOn(lacksFix)), "journal_mode")).toBe("delete");
    expect(warnings).not.toHaveBeenCalled();
  });

  test("a file in WAL mode stays so if SQLite lacks the fix, with one warning per process", () => {
    const path = temporaryFile();
    connectTo(path).exec("PRAGMA journal_mode = WAL; CREATE TABLE other (a)");
    const warnings = watchWarnings();
    reopenOn(path, lacksFix);
    reopenOn(path, lacksFix);
    expect(pragma(connectTo(path), "journal_mode")).toBe("wal");
    expect(warnings.mock.calls).toEqual([
      [expect.stringContaining(`${path} is in WAL mode`), { type: "RememWarning", code: "REMEM_SQLITE_WAL" }],
    ]);
  });

  test("a new file has a rollback journal on a network file system, with one warning per process", () => {
    const warnings = watchWarnings();
    const findNetwork = vi.fn((_: number) => "NFS");
    for (let file = 0; file < 2; file++) {
      const path = openOn({ networkFileSystem: findNetwork });
      expect(pragma(connectTo(path), "journal_mode")).toBe("delete");
    }
    expect(findNetwork).toHaveBeenCalledWith(expect.any(Number));
    expect(warnings.mock.calls).toEqual([
      [
        expect.stringContaining("on a network file system (NFS)"),
        { type: "RememWarning", code: "REMEM_SQLITE_NETWORK" },
      ],
    ]);
  });
});

test("the file of another program gets our tables and keeps its own, its page size and its journal mode", async () => {
  const path = temporaryFile();
  const other = connectTo(path);
  other.exec("PRAGMA page_size = 1024; CREATE TABLE cache (key TEXT PRIMARY KEY, value TEXT)");
  other.exec("INSERT INTO cache VALUES ('k', 'theirs'), ('l', 'theirs too')");
  const rows = () => other.prepare("SELECT * FROM cache ORDER BY key").all();
  const before = rows();
  await write(path);
  const store = sqliteStore({ path });
  expect(await store.delete("l")).toBe(false);
  await store.clear();
  await store.close();
  expect(rows()).toEqual(before);
  expect(tables(other)).toEqual(["cache", "remem_entries", "remem_hidden"]);
  expect(pragma(other, "journal_mode")).toBe("delete");
  expect(pragma(other, "page_size")).toBe(1024);
});

test("a file with a newer schema is refused, naming path and versions, and is unchanged", async () => {
  const path = temporaryFile();
  await write(path);
  const database = connectTo(path);
  database.exec("PRAGMA user_version = 1000; PRAGMA wal_checkpoint(TRUNCATE)");
  const before = readFileSync(path);
  const refusal = expect.objectContaining({ code: "STORE_ERROR", store: "sqlite" });
  const failure = await write(path).catch((error: unknown) => error);
  expect(failure).toEqual(refusal);
  expect(String(failure)).toContain(`${path} has schema version 1000`);
  expect(String(failure)).toContain(`supports version ${SCHEMA_VERSION}`);
  expect(pragma(database, "user_version")).toBe(1000);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("a file with another program's version and without our table is refused, naming path and version", async () => {
  const path = temporaryFile();
  const other = connectTo(path);
  other.exec("CREATE TABLE notes (a); PRAGMA user_version = 7");
  const failure = await write(path).catch((error: unknown) => error);
  expect(StoreError.is(failure)).toBe(true);
  expect(String(failure)).toContain(`${path} belongs to another program (user_version 7`);
  expect(tables(other)).toEqual(["notes"]);
});

test("a table without its version, as restored from a dump, is adopted", async () => {
  const path = temporaryFile();
  await write(path);
  const database = connectTo(path);
  database.exec("PRAGMA user_version = 0");
  const store = sqliteStore({ path });
  expect(await store.get("k")).toBe("v");
  await store.close();
  expect(pragma(database, "user_version")).toBe(SCHEMA_VERSION);
});

test("a failed opening names the path and the cause, and the next operation retries it", async () => {
  const path = temporaryFile();
  writeFileSync(path, "this is not a database, and long enough for SQLite to notice: ".repeat(20));
  const store = sqliteStore({ path });
  const failure = await store.get("k").catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "STORE_ERROR", store: "sqlite" });
  expect(String(failure)).toContain(path);
  expect(String(failure)).toContain("not a database");
  writeFileSync(path, "");
  await store.set("k", "v");
  expect(await store.get("k")).toBe("v");
  await store.close();
});

test("an empty file is treated as a new one", async () => {
  const path = temporaryFile();
  writeFileSync(path, "");
  await write(path);
  expect(pragma(connectTo(path), "page_size")).toBe(2048);
});

test("closing leaves a single file", async () => {
  const path = temporaryFile();
  await write(path);
  expect(statSync(path).size).toBeGreaterThan(0);
  expect([existsSync(`${path}-wal`), existsSync(`${path}-shm`)]).toEqual([false, false]);
});
