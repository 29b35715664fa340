import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CacheStore, decodeEntry } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectTo } from "@remem/test-support/database";
import { canMount, readOnlyView } from "@remem/test-support/mounts";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { sqliteStore } from "../../src/index.ts";
import { fill, movedAside, overwrite } from "../damage.ts";

function open(path: string): CacheStore {
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  return store;
}
const READ_ONLY = { code: "STORE_READ_ONLY", store: "sqlite", message: expect.stringMatching(/read-only/) };

/** Expects every write to be rejected with the reason. */
async function takesNoWrites(store: CacheStore): Promise<void> {
  for (const call of [() => store.set("k", "v"), () => store.delete("key 1"), () => store.clear()]) {
    await expect(call()).rejects.toMatchObject(READ_ONLY);
  }
}

describe.skipIf(!canMount)("on a read-only file system (skipped if none can be mounted)", () => {
  test.each([
    ["in WAL mode", ""],
    ["with a rollback journal", "PRAGMA journal_mode = DELETE"],
  ])("a cache %s serves hits and rejects writes", async (_, sql) => {
    const path = temporaryFile();
    await fill(path, 10);
    const database = connectTo(path);
    database.exec(sql);
    database.close();
    const before = readFileSync(path);
    const store = open(join(readOnlyView(join(path, "..")).directory, "cache.sqlite"));
    expect(await store.get("key 1")).toMatch(/^value 1 /);
    expect(await store.get("unknown")).toBeUndefined();
    await takesNoWrites(store);
    expect(await store.getMany!(["key 9"])).toEqual([expect.stringMatching(/^value 9 /)]);
    expect(await collect(store.entries!())).toHaveLength(10);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("a cache that another process writes to serves the new values", async () => {
    const path = temporaryFile();
    const writer = open(path);
    await writer.set("k", "one");
    const store = open(join(readOnlyView(join(path, "..")).directory, "cache.sqlite"));
    expect(await store.get("k")).toBe("one");
    await writer.set("k", "two");
    expect(await store.get("k")).toBe("two");
    await takesNoWrites(store);
  });

  test("a cache whose last writes are in an unreadable journal is an error, never a miss", async () => {
    const path = temporaryFile();
    const writer = open(path);
    await writer.set("k", "v");
    const copy = join(temporaryDirectory(), "cache.sqlite");
    for (const part of ["", "-wal"]) copyFileSync(path + part, copy + part);
    const store = open(join(readOnlyView(join(copy, "..")).directory, "cache.sqlite"));
    await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_ERROR" });
  });

  test("a cache file of the Python class serves its rows without our tables", async () => {
    const path = temporaryFile();
    copyFileSync(new URL("../golden/gpt-4o-mini_cache.sqlite", import.meta.url).pathname, path);
    const before = readFileSync(path);
    const store = open(join(readOnlyView(join(path, "..")).directory, "cache.sqlite"));
    const entries = await collect(store.entries!());
    expect(entries.length).toBeGreaterThan(10);
    for (const [key, text] of entries) {
      expect(await store.get(key)).toBe(text);
      expect(decodeEntry(text)?.key).toBe(key);
    }
    await takesNoWrites(store);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("a damaged cache is not moved", async () => {
    const path = temporaryFile();
    await fill(path, 10);
    overwrite(path, 0, Buffer.alloc(500, 7));
    const store = open(join(readOnlyView(join(path, "..")).directory, "cache.sqlite"));
    for (let round = 0; round < 3; round++) {
      await expect(store.get("key 1")).rejects.toMatchObject({ message: expect.stringMatching(/not a database/) });
    }
    expect(movedAside(path)).toEqual([]);
  });

  test("a missing cache is an error", async () => {
    const store = open(join(readOnlyView(temporaryDirectory()).directory, "cache.sqlite"));
    const failure = { code: "STORE_ERROR", message: expect.stringMatching(/read-only/) };
    await expect(store.get("k")).rejects.toMatchObject(failure);
    await expect(store.set("k", "v")).rejects.toMatchObject(failure);
  });

  test("writes succeed as soon as the file system is writable", async () => {
    const path = temporaryFile();
    await fill(path, 1);
    const view = readOnlyView(join(path, ".."));
    const store = open(join(view.directory, "cache.sqlite"));
    await takesNoWrites(store);
    view.remount("rw");
    await vi.waitFor(() => store.set("k", "v"), 5_000);
    expect(await store.getMany!(["k", "key 0"])).toEqual(["v", expect.stringMatching(/^value 0 /)]);
  });
});

test("a file that cannot be opened at all is an error other than read-only", async () => {
  const path = temporaryFile();
  mkdirSync(path);
  const failure = await open(path)
    .get("k")
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "STORE_ERROR", cause: { errcode: 14 } });
});

describe("with the option `readOnly`", () => {
  function openToRead(path: string): CacheStore {
    const store = sqliteStore({ path, readOnly: true });
    onTestFinished(() => store.close());
    return store;
  }

  test("hits are served, those of a writing process too, and writes are refused", async () => {
    const path = temporaryFile();
    const writer = open(path);
    await writer.set("k", "one");
    const store = openToRead(path);
    expect(store).toMatchObject({ readOnly: true });
    expect(store.flights).toBeUndefined();
    expect(await store.get("k")).toBe("one");
    await writer.set("k", "two");
    expect(await store.get("k")).toBe("two");
    await takesNoWrites(store);
    expect(await writer.get("k")).toBe("two");
  });

  test("nothing is created where there is no file, and the file is used once there is one", async () => {
    const path = join(temporaryDirectory(), "later", "cache.sqlite");
    const store = openToRead(path);
    await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_ERROR", message: expect.stringContaining(path) });
    expect(existsSync(join(path, ".."))).toBe(false);
    await fill(path, 1);
    expect(await store.get("key 0")).toMatch(/^value 0 /);
  });

  test("a damaged file is not moved", async () => {
    const path = temporaryFile();
    await fill(path, 10);
    overwrite(path, 0, Buffer.alloc(500, 7));
    await expect(openToRead(path).get("key 1")).rejects.toMatchObject({
      message: expect.stringMatching(/not a database/),
    });
    expect(movedAside(path)).toEqual([]);
  });

  test("anything but true or false is refused by name", () => {
    expect(() => sqliteStore({ path: "cache.sqlite", readOnly: "yes" as never })).toThrow(/`readOnly` must be/);
  });
});
