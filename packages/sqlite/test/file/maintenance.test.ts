import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { expect, onTestFinished, test } from "vitest";
import { isBusy } from "../../src/driver/result-code.ts";
import { createMaintenance, lockDirectoryOf } from "../../src/file/maintenance.ts";
import { sqliteStore } from "../../src/index.ts";
import { makeToken } from "../../src/locks/token.ts";
import { fill, movedAside, watchWarnings } from "../damage.ts";

/** Holds the lock as a live process would. Returns a function that releases it. */
function holdLock(path: string): () => void {
  const lock = join(lockDirectoryOf(path), "maintenance");
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, makeToken()), "");
  return () => rmSync(lock, { recursive: true });
}
function open(path: string) {
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  return store;
}

test("the lock directory is named after the file", () => {
  expect(lockDirectoryOf("/a/gpt_cache.sqlite")).toBe("/a/gpt_cache.locks");
  expect(lockDirectoryOf("/a.sqlite/answers.db")).toBe("/a.sqlite/answers.db.locks");
});

test("opening a new cache waits for the process that is creating it", async () => {
  const path = temporaryFile();
  const release = holdLock(path);
  let done = false;
  const written = open(path)
    .set("k", "v")
    .then(() => {
      done = true;
    });
  for (let turns = 0; turns < 50; turns++) await nextTurn();
  expect(done).toBe(false);
  release();
  await written;
});

test("opening an existing cache waits for no lock", async () => {
  const path = temporaryFile();
  await fill(path, 1);
  holdLock(path);
  const store = open(path);
  await store.set("k", "v");
  expect(await store.get("key 0")).toMatch(/^value 0 /);
});

test("a damaged cache is moved aside only by the holder of the lock", async () => {
  const path = temporaryFile();
  await fill(path);
  truncateSync(path, 20_000);
  const release = holdLock(path);
  watchWarnings();
  const read = open(path)
    .get("k")
    .catch((error: unknown) => error);
  for (let turns = 0; turns < 50; turns++) await nextTurn();
  expect(movedAside(path)).toEqual([]);
  release();
  expect(await read).toMatchObject({ code: "STORE_ERROR" });
  expect(movedAside(path)).toHaveLength(1);
});

test("the holder of the lock knows that it holds it until the lock is taken over", () => {
  const path = temporaryFile();
  const one = createMaintenance(path);
  const two = createMaintenance(path);
  one.run((isLockHeld) => {
    expect(isLockHeld()).toBe(true);
    let failure: unknown;
    try {
      two.run(() => expect.unreachable());
    } catch (error) {
      failure = error;
    }
    expect(isBusy(failure)).toBe(true);
    rmSync(join(lockDirectoryOf(path), "maintenance"), { recursive: true });
    two.run((isHeldByOther) => expect([isHeldByOther(), isLockHeld()]).toEqual([true, false]));
    expect(isLockHeld()).toBe(false);
  });
  expect(readdirSync(lockDirectoryOf(path))).toEqual([]);
});

test("the lock is released when the work fails", () => {
  const maintenance = createMaintenance(temporaryFile());
  const failure = new Error("no luck");
  const work = () => {
    throw failure;
  };
  expect(() => maintenance.run(work)).toThrow(failure);
  expect(maintenance.run((isLockHeld) => isLockHeld())).toBe(true);
});

test("if the lock directory cannot be used the work runs, and knows that it does not hold the lock", async () => {
  const file = temporaryFile();
  writeFileSync(lockDirectoryOf(file), "a file in its place");
  const link = temporaryFile();
  mkdirSync(lockDirectoryOf(link));
  symlinkSync(temporaryDirectory(), join(lockDirectoryOf(link), "maintenance"));
  for (const path of [file, link]) {
    expect(createMaintenance(path).run((isLockHeld) => isLockHeld())).toBe(false);
    const store = open(path);
    await store.set("k", "v");
    expect(await store.get("k")).toBe("v");
  }
});

test("a path is marked once it holds a cache, and the mark is accessible to its owner only", async () => {
  const path = temporaryFile();
  const maintenance = createMaintenance(path);
  expect(maintenance.isMarkedAsCache).toBe(false);
  await fill(path, 1);
  expect(maintenance.isMarkedAsCache).toBe(true);
  if (process.platform !== "win32") {
    expect(statSync(lockDirectoryOf(path)).mode & 0o777).toBe(0o700);
    expect(statSync(join(lockDirectoryOf(path), "cache")).mode & 0o777).toBe(0o600);
  }
});

test("the last note counts, and is accessible to its owner only", () => {
  const path = temporaryFile();
  const one = createMaintenance(path);
  one.note("this path is not marked as a cache");
  expect(one.noted).toBeUndefined();
  one.markAsCache();
  expect(one.noted).toBeUndefined();
  one.note("a long line of another process");
  one.note("short");
  expect(createMaintenance(path).noted).toBe("short");
  if (process.platform !== "win32") {
    expect(statSync(lockDirectoryOf(path)).mode & 0o777).toBe(0o700);
    expect(statSync(join(lockDirectoryOf(path), "cache")).mode & 0o777).toBe(0o600);
  }
});

test("a torn note is ignored", () => {
  const path = temporaryFile();
  const maintenance = createMaintenance(path);
  maintenance.markAsCache();
  maintenance.note("1 2 3");
  for (const text of ["", "4", "4 5", "4 5 6\n", "4 5 6\n1 2 3\n"]) {
    writeFileSync(join(lockDirectoryOf(path), "cache"), text);
    expect(maintenance.noted).toBeUndefined();
  }
});

test.skipIf(process.platform === "win32")("a note is not written through a symbolic link", () => {
  const path = temporaryFile();
  const precious = `${path}.precious`;
  writeFileSync(precious, "precious");
  mkdirSync(lockDirectoryOf(path));
  symlinkSync(precious, join(lockDirectoryOf(path), "cache"));
  const maintenance = createMaintenance(path);
  maintenance.note("1 2 3");
  expect(readFileSync(precious, "utf8")).toBe("precious");
});
