import { existsSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { connectTo } from "@remem/test-support/database";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { expect, test } from "vitest";
import { expectIntact, finish, keysIn, start, startWithDescriptors, startWriters } from "./children.ts";
import { fill, movedAside } from "./damage.ts";

test("twelve processes that open a new cache concurrently write without a loss", async () => {
  const path = join(temporaryDirectory(), "new", "cache.sqlite");
  const writers = await startWriters(path, 12, 20);
  expect(existsSync(path)).toBe(false);
  for (const writer of writers) writer.process.send("go");
  await finish(writers);
  expect((await keysIn(path)).size).toBe(12 * 20);
  expectIntact(path);
  expect(connectTo(path).prepare("PRAGMA page_size").get()).toEqual({ page_size: 2048 });
}, 60_000);

test.each([
  { mode: "WAL", count: 300 },
  { mode: "DELETE", count: 300 },
])(
  "eight processes wait for a ninth that locks the file ($mode), and lose nothing",
  async ({ mode, count }) => {
    const path = temporaryFile();
    const database = connectTo(path);
    database.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE theirs (a)`);
    database.close();
    const writers = await startWriters(path, 8, count);
    const holder = start("holder", path, "6000");
    await holder.says("locked");
    for (const writer of writers) writer.process.send("go");
    expect((await holder.end).code).toBe(0);
    await finish(writers);
    expect((await keysIn(path)).size).toBe(8 * count);
    expectIntact(path);
  },
  120_000,
);

test("a write that resolved before its process was killed is stored", async () => {
  const path = temporaryFile();
  const [victim, other] = await startWriters(path, 2, 100_000);
  for (const writer of [victim!, other!]) writer.process.send("go");
  await victim!.hears((message) => (message as { kept?: string }).kept === "writer 0 100");
  victim!.process.kill("SIGKILL");
  await victim!.end;
  // The other writer continues meanwhile.
  const soFar = other!.messages.length;
  await other!.hears(() => other!.messages.length > soFar + 50);
  other!.process.kill("SIGKILL");
  await other!.end;

  const keys = await keysIn(path);
  const told = [...victim!.messages, ...other!.messages].flatMap(
    (message) => (message as { kept?: string }).kept ?? [],
  );
  expect(told.length).toBeGreaterThan(150);
  expect(told.filter((key) => !keys.has(key))).toEqual([]);
  expectIntact(path);
}, 60_000);

test("an unused store loads no SQLite, creates nothing and starts no timer, and an open one lets the process exit", async () => {
  const child = start("idle", join(temporaryDirectory(), "new", "cache.sqlite"));
  expect(await child.hears(() => true)).toEqual({
    made: { sqliteLoaded: false, directoryMade: false, timers: 0 },
    used: { sqliteLoaded: true, directoryMade: true, timers: 0 },
  });
  await finish([child]);
}, 30_000);

test("eight processes that find a damaged cache move it aside once, and lose none of their later writes", async () => {
  const path = temporaryFile();
  await fill(path);
  truncateSync(path, 40_000);
  const writers = await startWriters(path, 8, 50, "stubborn-writer");
  for (const writer of writers) writer.process.send("go");
  await Promise.all(writers.map(({ end }) => end));
  const told = writers.flatMap(({ messages }) =>
    messages.flatMap((message) => (message as { kept?: string }).kept ?? []),
  );
  const keys = await keysIn(path);
  expect(told.length).toBeGreaterThan(8 * 40);
  expect(told.filter((key) => !keys.has(key))).toEqual([]);
  expect(movedAside(path)).toHaveLength(1);
  expectIntact(path);
}, 120_000);

test("the event loop of a process keeps running while seven others write and one locks the file", async () => {
  const path = temporaryFile();
  await fill(path, 1);
  const writers = await startWriters(path, 7, 300);
  const watched = start("latency", path, "300");
  await watched.says("ready");
  const holder = start("holder", path, "2000");
  await holder.says("locked");
  for (const { process } of [...writers, watched]) process.send("go");
  const found = (await watched.hears((message) => message !== "ready")) as { longestMs: number; reads: number };
  console.log(`the event loop was stopped for ${found.longestMs.toFixed(1)} ms at most, over ${found.reads} reads`);
  await finish([...writers, watched]);
  expect(found.reads).toBeGreaterThan(100);
  expect((await keysIn(path)).size).toBe(1 + 8 * 300);
}, 120_000);

test.skipIf(process.platform === "win32")(
  "operations fail while all descriptors are used up, and later ones work",
  async () => {
    const child = startWithDescriptors(100, "descriptors", temporaryFile());
    expect(await child.hears(() => true)).toEqual({
      meanwhile: ["STORE_ERROR", "STORE_ERROR", "v"],
      afterwards: ["v", "done", "v"],
    });
    await finish([child]);
  },
);
