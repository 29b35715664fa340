import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type CacheStore, RememError, StoreError } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { connectTo } from "@remem/test-support/database";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { sqliteStore } from "../src/index.ts";

afterEach(() => void vi.useRealTimers());

function open(path: string = temporaryFile(), busyMs = 30_000): CacheStore {
  const store = sqliteStore({ path, busyMs });
  onTestFinished(() => store.close());
  return store;
}

/** Fakes the clock only: waiting operations need real timers. */
const setTime = (now: number) => vi.useFakeTimers({ now, toFake: ["Date"] });

describe("a value is returned as it was set", () => {
  test("an unknown key is undefined, and a value is replaced, or kept with ifAbsent", async () => {
    const store = open();
    expect(await store.get("k")).toBeUndefined();
    await store.set("k", "one");
    await store.set("k", "two", { ifAbsent: true });
    expect(await store.get("k")).toBe("one");
    await store.set("k", "three");
    expect(await store.get("k")).toBe("three");
    await store.set("new", "four", { ifAbsent: true });
    expect(await store.get("new")).toBe("four");
  });

  const values = {
    "that is empty": "",
    "with NUL characters": "a\0b\0",
    "of one NUL character": "\0",
    "with astral characters": "😀 𝒳 日本",
    "with a lone surrogate": "\ud83d and \ude00",
    "that is JSON": '"a\\u0000b"',
    "of 1 MiB": "é1".repeat(512 * 1024),
    "of 30 MB": "0123456789".repeat(3_000_000),
  };
  test.each(Object.entries(values))("a value %s", async (_, value) => {
    const path = temporaryFile();
    const store = open(path);
    await store.set("k", value);
    // Not a matcher: reporting a difference of 30 MB would take longer than the test.
    expect((await store.get("k")) === value).toBe(true);
    expect((await store.getMany?.(["k"]))?.[0] === value).toBe(true);
    await store.close();
    const [entry] = await collect(open(path).entries!());
    expect(entry?.[1] === value).toBe(true);
  });

  test("every operation distinguishes similar keys", async () => {
    const store = open();
    const keys = ["k", "K", "k ", " k", "", "é", "e\u0301", "1", "1.0", "a_b", "aXb", "a%", "a*", "a?", "a[b]", "a:b"];
    keys.push("k\0", "k\0a", "\0", "\ud800", "\ud801", "\ufffd", '"k"', '"', "😀", "'; DROP TABLE remem_entries; --");
    for (const [index, key] of keys.entries()) await store.set(key, `value ${index}`);
    const expected = keys.map((_, index) => `value ${index}`);
    expect(await Promise.all(keys.map((key) => store.get(key)))).toEqual(expected);
    expect(await store.getMany?.(keys)).toEqual(expected);
    expect(new Map((await collect(store.entries!())).map(([key, value]) => [key, value]))).toEqual(
      new Map(keys.map((key, index) => [key, expected[index]])),
    );
    for (const [index, key] of keys.entries()) {
      expect(await store.delete(key)).toBe(true);
      expect(await collect(store.entries!())).toHaveLength(keys.length - index - 1);
    }
  });

  test("getMany keeps the order, gaps and repetitions of its keys", async () => {
    const store = open();
    for (const key of ["a", "b", "c"]) await store.set(key, key.toUpperCase());
    expect(await store.getMany?.(["c", "x", "a", "c", "", "b"])).toEqual(["C", undefined, "A", "C", undefined, "B"]);
    expect(await store.getMany?.([])).toEqual([]);
    const many = Array.from({ length: 5_000 }, (_, index) => (index === 4_321 ? "a" : `unknown ${index}`));
    expect((await store.getMany?.(many))?.indexOf("A")).toBe(4_321);
  });

  test("another store on the same file sees it immediately", async () => {
    const path = temporaryFile();
    const [one, two] = [open(path), open(path)];
    await one.set("k", "v");
    expect(await two.get("k")).toBe("v");
    await two.delete("k");
    expect(await one.get("k")).toBeUndefined();
  });
});

describe("deleting", () => {
  test("delete returns whether the key existed", async () => {
    const store = open();
    await store.set("a", "1");
    expect(await store.delete("a")).toBe(true);
    expect(await store.delete("a")).toBe(false);
    expect(await store.get("a")).toBeUndefined();
  });

  test("clear removes everything and leaves the store usable", async () => {
    const store = open();
    for (const key of ["a", "b"]) await store.set(key, "1");
    await store.clear();
    expect(await collect(store.entries!())).toEqual([]);
    await store.set("a", "2");
    expect(await store.get("a")).toBe("2");
  });
});

describe("expiry", () => {
  test("a value is not served from the moment of its expiry", async () => {
    const store = open();
    setTime(1_000);
    await store.set("k", "v", { expiresAt: 2_000 });
    await store.set("keeps", "v");
    setTime(1_999);
    expect(await store.get("k")).toBe("v");
    setTime(2_000);
    expect(await store.get("k")).toBeUndefined();
    expect(await store.getMany?.(["k", "keeps"])).toEqual([undefined, "v"]);
    expect(await collect(store.entries!())).toEqual([["keeps", "v"]]);
    expect(await store.delete("k")).toBe(false);
  });

  test("an expired value counts as absent for ifAbsent, and a new value has its own expiry", async () => {
    const store = open();
    setTime(1_000);
    await store.set("k", "old", { expiresAt: 2_000 });
    await store.set("k", "not yet", { ifAbsent: true });
    expect(await store.get("k")).toBe("old");
    setTime(2_000);
    await store.set("k", "new", { ifAbsent: true });
    setTime(9_000);
    expect(await store.get("k")).toBe("new");
  });

  test("an expiry in the past deletes the value, and changes nothing with ifAbsent", async () => {
    const store = open();
    setTime(5_000);
    await store.set("k", "v");
    await store.set("k", "past", { expiresAt: 4_000, ifAbsent: true });
    expect(await store.get("k")).toBe("v");
    await store.set("k", "past", { expiresAt: 5_000 });
    expect(await store.get("k")).toBeUndefined();
    await store.set("other", "past", { expiresAt: 4_000, ifAbsent: true });
    expect(await store.get("other")).toBeUndefined();
  });

  test("writing values with an expiry removes expired ones, a few at a time, and no others", async () => {
    const path = temporaryFile();
    const store = open(path);
    const other = connectTo(path);
    const rows = () => other.prepare("SELECT count(*) AS it FROM remem_entries").get()?.it;
    setTime(1_000);
    await store.set("keeps", "v");
    for (let index = 0; index < 200; index++) await store.set(`old ${index}`, "v", { expiresAt: 2_000 });
    expect(rows()).toBe(201);
    setTime(3_000);
    await store.set("new 0", "v", { expiresAt: 9_000 });
    expect(rows()).toBeGreaterThan(100);
    for (let index = 1; index < 30; index++) await store.set(`new ${index}`, "v", { expiresAt: 9_000 });
    expect(rows()).toBe(31);
    expect(await store.get("keeps")).toBe("v");
  });
});

describe("entries", () => {
  test("yields each entry once, over many pages, large and small", async () => {
    const store = open();
    const expected = new Map<string, string>();
    for (let index = 0; index < 700; index++) {
      expected.set(`key ${index}`, index % 100 === 0 ? "x".repeat(2_000_000) : "small");
    }
    for (const [key, value] of expected) await store.set(key, value);
    const found = await collect(store.entries!());
    expect(found).toHaveLength(expected.size);
    expect(found.every(([key, value]) => expected.get(key) === value)).toBe(true);
  }, 30_000);

  test("holds no read transaction between pages, and tolerates writes of its consumer", async () => {
    const path = temporaryFile();
    const store = open(path);
    for (let index = 0; index < 500; index++) await store.set(`key ${index}`, "v");
    const other = connectTo(path);
    const seen = new Set<string>();
    for await (const [key] of store.entries!()) {
      if (seen.size % 100 === 0) {
        // A truncating checkpoint is busy while any connection reads.
        expect(other.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()).toMatchObject({ busy: 0 });
      }
      seen.add(key);
      await store.delete(key);
    }
    expect(seen.size).toBe(500);
    expect(await collect(store.entries!())).toEqual([]);
  });

  test("can be stopped early", async () => {
    const path = temporaryFile();
    const store = open(path);
    for (let index = 0; index < 10; index++) await store.set(`key ${index}`, "v");
    for await (const _ of store.entries!()) break;
    expect(connectTo(path).prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()).toMatchObject({ busy: 0 });
  });
});

describe("while another connection holds the write lock", () => {
  function locked() {
    const path = temporaryFile();
    const other = connectTo(path);
    return { path, lock: () => other.exec("BEGIN IMMEDIATE"), unlock: () => other.exec("ROLLBACK") };
  }

  test("hits are served, the event loop keeps running, and writes complete when it is free", async () => {
    const { path, lock, unlock } = locked();
    const store = open(path);
    await store.set("hit", "v");
    lock();
    let written = 0;
    const writes = Array.from({ length: 50 }, async (_, index) => {
      await store.set(`k ${index}`, "v");
      written++;
    });
    let turns = 0;
    for (; turns < 500; turns++) {
      await nextTurn();
      expect(await store.get("hit")).toBe("v");
    }
    expect(await collect(store.entries!())).toHaveLength(1);
    expect([turns, written]).toEqual([500, 0]);
    unlock();
    await Promise.all(writes);
    expect(await collect(store.entries!())).toHaveLength(51);
  });

  test("a store that opens meanwhile serves hits too", async () => {
    const { path, lock, unlock } = locked();
    const first = open(path);
    await first.set("hit", "v");
    lock();
    const late = open(path);
    const write = late.set("k", "v");
    expect(await late.get("hit")).toBe("v");
    unlock();
    await write;
    expect(await first.get("k")).toBe("v");
  });

  test("a write fails after busyMs, with an error that names the time and a remedy", async () => {
    const { path, lock, unlock } = locked();
    const store = open(path, 100);
    await store.set("hit", "v");
    lock();
    const failures = await Promise.all(
      [store.set("k", "v"), store.delete("hit"), store.clear()].map((call) => call.catch((error: unknown) => error)),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: "STORE_BUSY", store: "sqlite", cause: { errcode: 5 } });
      expect(String(failure)).toMatch(/waited \d+ ms for .*cache\.sqlite, which another connection has locked.*busyMs/);
    }
    unlock();
    await store.set("k", "v");
    expect(await store.getMany?.(["hit", "k"])).toEqual(["v", "v"]);
  });

  test("close does not wait, and queued operations reject because the store was closed", async () => {
    const { path, lock, unlock } = locked();
    const store = open(path);
    await store.set("hit", "v");
    lock();
    const write = store.set("k", "v").catch((error: unknown) => error);
    await store.close();
    expect(await write).toMatchObject({
      code: "STORE_CLOSED",
      message: expect.stringContaining("closed while another connection had the file locked"),
    });
    unlock();
  });

  test("a burst of large writes is written whole where no other connection has the file locked", async () => {
    const store = open(temporaryFile());
    const large = "x".repeat(30 * 1024 * 1024);
    await Promise.all(["a", "b", "c", "d"].map((key) => store.set(key, large)));
    expect((await collect(store.entries!())).map(([key]) => key).sort()).toEqual(["a", "b", "c", "d"]);
  });

  test("no more writes wait than fit into memory, and those that wait are written in order", async () => {
    const { path, lock, unlock } = locked();
    const store = open(path);
    await store.set("hit", "v");
    lock();
    const large = "x".repeat(30 * 1024 * 1024);
    const waiting = [store.set("a", large), store.set("b", large), store.set("c", "small")];
    await expect(store.set("d", large)).rejects.toMatchObject({
      code: "STORE_ERROR",
      message: expect.stringMatching(/keeps no more writes in memory.*cache\.sqlite.*locked/),
    });
    unlock();
    await Promise.all(waiting);
    await store.set("d", large);
    expect((await collect(store.entries!())).map(([key]) => key).sort()).toEqual(["a", "b", "c", "d", "hit"]);
  });

  test("a read of a file that is locked exclusively gives up after half a second, and other operations do not", async () => {
    const path = temporaryFile();
    const other = connectTo(path);
    other.exec("CREATE TABLE theirs (a)");
    const store = open(path);
    await store.set("k", "v");
    other.exec("BEGIN EXCLUSIVE");
    const write = store.set("later", "v");
    const listing = collect(store.entries!());
    await expect(store.get("k")).rejects.toMatchObject({ code: "STORE_BUSY" });
    await expect(store.getMany!(["k"])).rejects.toMatchObject({ code: "STORE_BUSY" });
    other.exec("COMMIT");
    await write;
    expect((await listing).length).toBeGreaterThan(0);
    expect(await store.get("k")).toBe("v");
  });

  test("opening waits for a file that is locked exclusively", async () => {
    const path = temporaryFile();
    const other = connectTo(path);
    other.exec("CREATE TABLE theirs (a); BEGIN EXCLUSIVE");
    const store = open(path);
    let done = 0;
    const calls = [store.get("k"), store.set("k", "v")].map((call) => call.finally(() => done++));
    for (let turns = 0; turns < 50; turns++) await nextTurn();
    expect(done).toBe(0);
    other.exec("COMMIT");
    await Promise.all(calls);
    expect(await store.get("k")).toBe("v");
  });
});

test("without contention an operation is done when its call returns", async () => {
  const path = temporaryFile();
  const store = open(path);
  const written = store.set("k", "v");
  expect(connectTo(path).prepare("SELECT value FROM remem_entries").get()).toEqual({ value: "v" });
  await written;
});

test("after close every call rejects, and closing twice is harmless", async () => {
  for (const used of [true, false]) {
    const path = temporaryFile();
    const store = sqliteStore({ path });
    if (used) await store.set("k", "v");
    await store.close();
    await store.close();
    const calls = [
      () => store.get("k"),
      () => store.getMany!(["k"]),
      () => store.set("k", "v"),
      () => store.delete("k"),
      () => store.clear(),
      () => collect(store.entries!()),
    ];
    for (const call of calls) {
      const failure = await call().catch((error: unknown) => error);
      expect(StoreError.is(failure)).toBe(true);
      expect(failure).toMatchObject({ code: "STORE_CLOSED", store: "sqlite", message: expect.stringContaining(path) });
    }
    expect(readdirSync(join(path, ".."))).toEqual(used ? ["cache.locks", "cache.sqlite"] : []);
  }
});

test("closing the store while entries are being listed is an error, not a shorter list", async () => {
  const store = open();
  for (let index = 0; index < 300; index++) await store.set(`key ${index}`, "v");
  const reading = (async () => {
    for await (const _ of store.entries!()) await store.close();
  })();
  await expect(reading).rejects.toMatchObject({ code: "STORE_CLOSED" });
});

test("a path that cannot hold a file is a StoreError with the path and the cause, never a miss", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "");
  mkdirSync(join(directory, "directory"));
  for (const path of [join(directory, "file", "cache.sqlite"), join(directory, "directory")]) {
    const store = open(path);
    for (const call of [() => store.get("k"), () => store.getMany!(["k"]), () => store.set("k", "v")]) {
      const failure = await call().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "STORE_ERROR", store: "sqlite", cause: expect.any(Error) });
      expect(String(failure)).toContain(path);
    }
  }
  expect(statSync(join(directory, "directory")).isDirectory()).toBe(true);
});

test("rows that were edited into invalid text do not affect other entries, and are replaced", async () => {
  const path = temporaryFile();
  const store = open(path);
  for (const key of ["bytes", "quote", "null", "number", "kept"]) await store.set(key, "v");
  connectTo(path).exec(`
    CREATE TABLE copy (key TEXT NOT NULL PRIMARY KEY, value, expires_at INTEGER, sidecar TEXT);
    INSERT INTO copy SELECT * FROM remem_entries;
    DROP VIEW remem_view;
    DROP TABLE remem_entries;
    ALTER TABLE copy RENAME TO remem_entries;
    UPDATE remem_entries SET value = x'00ff' WHERE key = 'bytes';
    UPDATE remem_entries SET value = '"half' WHERE key = 'quote';
    UPDATE remem_entries SET value = NULL WHERE key = 'null';
    UPDATE remem_entries SET value = 7 WHERE key = 'number';
    INSERT INTO remem_entries (key, value) VALUES (x'6b', 'a key of bytes'), ('" odd"', 'a key like JSON');
  `);
  const values = new Map([
    ["bytes", ""],
    ["quote", '"half'],
    ["null", ""],
    ["number", ""],
    ["kept", "v"],
  ]);
  for (const [key, value] of values) expect(await store.get(key)).toBe(value);
  expect(await store.getMany!([...values.keys()])).toEqual([...values.values()]);
  const entries = new Map((await collect(store.entries!())).map(([key, value]) => [key, value]));
  for (const [key, value] of values) expect(entries.get(key)).toBe(value);
  expect(entries.has("")).toBe(false);
  const heads = new Map((await collect(store.heads!())).map(({ key, head, bytes }) => [key, { head, bytes }]));
  for (const [key, head] of values) expect(heads.get(key)).toEqual({ head, bytes: expect.any(Number) });
  for (const key of values.keys()) await store.set(key, "new");
  expect(await store.getMany!([...values.keys()])).toEqual([...values.keys()].map(() => "new"));
});

test("a misspelt or invalid option is refused by name, and :memory: with a hint to memoryStore", () => {
  const path = "cache.sqlite";
  expect(() => sqliteStore({ path, busyMS: 1 } as never)).toThrow(
    /no option `busyMS`. It takes path, busyMs, compress/,
  );
  for (const busyMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1" as never]) {
    expect(() => sqliteStore({ path, busyMs })).toThrow(/`busyMs` must be a whole number from 1/);
  }
  for (const compress of [1, "true", null]) {
    expect(() => sqliteStore({ path, compress } as never)).toThrow(/`compress` must be true or false/);
  }
  for (const memory of ["", ":memory:"]) expect(() => sqliteStore({ path: memory })).toThrow(/memoryStore\(\)/);
  for (const wrong of [{}, { path: 1 }, undefined, null, "cache.sqlite"]) {
    expect(() => sqliteStore(wrong as never)).toThrow(RememError);
  }
  try {
    sqliteStore({ path: "" });
  } catch (error) {
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
  }
});
