import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CacheStore } from "@remem/core";
import { collect } from "@remem/test-support/collect";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { expect, onTestFinished, test, vi } from "vitest";
import { isBusy } from "../../src/driver/result-code.ts";
import { openTable } from "../../src/file/open-table.ts";
import { createReopeningConnection } from "../../src/file/reopening-connection.ts";
import { sqliteStore } from "../../src/index.ts";
import { errorOf } from "../error-of.ts";

function open(path: string): CacheStore {
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  return store;
}
const withJournals = (path: string): string[] => ["", "-wal", "-shm"].map((part) => path + part);

test("a deleted directory loses no write: the next one creates a new file", async () => {
  const directory = join(temporaryDirectory(), "cache");
  const path = join(directory, "cache.sqlite");
  const store = open(path);
  for (let round = 0; round < 3; round++) {
    await store.set("k", `value ${round}`);
    rmSync(directory, { recursive: true });
    await store.set("l", `value ${round}`);
    expect(await store.get("k")).toBeUndefined();
    expect(await open(path).get("l")).toBe(`value ${round}`);
  }
});

test("readers notice a deleted file within about a second", async () => {
  const path = temporaryFile();
  const store = open(path);
  await store.set("k", "v");
  for (const file of withJournals(path)) rmSync(file);
  await vi.waitFor(async () => expect(await store.get("k")).toBeUndefined(), 5_000);
  expect(existsSync(path)).toBe(true);
});

test.each([
  ["forward", 3_600_000],
  ["back", -3_600_000],
])("readers notice a deleted file even if the clock was set %s", async (_, changeMs) => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const path = temporaryFile();
  const store = open(path);
  await store.set("k", "v");
  for (const file of withJournals(path)) rmSync(file);
  expect(await store.get("k")).toBe("v");
  vi.setSystemTime(Date.now() + changeMs);
  expect(await store.get("k")).toBeUndefined();
});

test("a replacing file is used, and writes to the old one stay in that one", async () => {
  const path = temporaryFile();
  const other = join(path, "..", "other.sqlite");
  const store = open(path);
  await store.set("k", "old");
  const backup = open(other);
  await backup.set("k", "backup");
  await backup.close();
  for (const file of withJournals(path)) renameSync(file, file.replace("cache.sqlite", "moved.sqlite"));
  renameSync(other, path);
  await store.set("new", "v");
  expect(await store.getMany!(["k", "new"])).toEqual(["backup", "v"]);
  await store.close();
  expect(await open(path.replace("cache.sqlite", "moved.sqlite")).get("k")).toBe("old");
});

test("listing entries rejects, rather than ending early, if the file is replaced", async () => {
  const path = temporaryFile();
  const store = open(path);
  for (let index = 0; index < 300; index++) await store.set(`key ${index}`, "v");
  const reading = (async () => {
    let isFirst = true;
    for await (const _ of store.entries!()) {
      if (!isFirst) continue;
      isFirst = false;
      for (const file of withJournals(path)) rmSync(file);
      await store.set("k", "v");
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: "STORE_ERROR", message: expect.stringMatching(/replaced/) });
  expect(await collect(store.entries!())).toEqual([["k", "v"]]);
});

test("a file that is replaced while it is being opened is closed, and the new one opened", async () => {
  const path = temporaryFile();
  const other = open(`${path}.other`);
  await other.set("k", "other");
  await other.close();
  const opening = vi.fn(openTable);
  opening.mockImplementationOnce((...args) => {
    renameSync(`${path}.other`, path);
    return openTable(...args);
  });
  const connection = createReopeningConnection(path, { openTable: opening });
  onTestFinished(() => connection.close());
  const get = () => connection.read((table) => table.get("k"));
  expect(isBusy(errorOf(get))).toBe(true);
  expect(get()).toBe("other");
  expect(opening).toHaveBeenCalledTimes(2);
});
