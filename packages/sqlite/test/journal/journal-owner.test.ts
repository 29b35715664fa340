import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type CacheStore, decodeEntry } from "@remem/core";
import type { Child } from "@remem/test-support/child";
import { collect } from "@remem/test-support/collect";
import { connectTo } from "@remem/test-support/database";
import { canMount, readOnlyView } from "@remem/test-support/mounts";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { loadSqlite } from "../../src/driver/node-sqlite.ts";
import { lockDirectoryOf } from "../../src/file/maintenance.ts";
import { sqliteStore } from "../../src/index.ts";
import { removeStaleWal } from "../../src/journal/foreign-journal.ts";
import { expectIntact, start } from "../children.ts";
import { movedAside, overwrite, watchWarnings } from "../damage.ts";

/** As in `steady-writer.mjs`: some 4 KB, mostly on overflow pages. */
const answerTo = (key: string): string => `${key} `.repeat(400);
const keysOf = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);
const COUNT = 150;

function open(path: string): CacheStore {
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  return store;
}

async function fill(store: CacheStore, name: string, count = COUNT): Promise<void> {
  for (const key of keysOf(name, count)) await store.set(key, answerTo(key));
}

/** Makes a backup in another directory, in the given journal mode. */
async function backup(mode = "wal", count = COUNT): Promise<string> {
  const path = temporaryFile();
  const store = sqliteStore({ path });
  await fill(store, "backup", count);
  await store.close();
  execute(path, `PRAGMA journal_mode = ${mode}`);
  return path;
}

function execute(path: string, sql: string): void {
  const database = connectTo(path);
  database.exec(sql);
  database.close();
}

/** Copies a file and renames the copy into place, as `rsync` does, and `mv` between file systems. */
function mv(from: string, to: string): void {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

/** Counts how many of these entries a store serves, and expects each to be correct. */
async function countHits(store: CacheStore, name: string, count = COUNT): Promise<number> {
  const keys = keysOf(name, count);
  const values = await store.getMany!(keys);
  const found = keys.filter((_, index) => values[index] !== undefined);
  expect(found.filter((key) => values[keys.indexOf(key)] !== answerTo(key))).toEqual([]);
  return found.length;
}
async function hits(path: string, name: string, count = COUNT): Promise<number> {
  const store = sqliteStore({ path });
  try {
    return await countHits(store, name, count);
  } finally {
    await store.close();
  }
}

const replacedJournals = (path: string): string[] =>
  readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.replaced-`));

const writesOf = (child: Child): number =>
  child.messages.filter((message) => (message as { kept?: string }).kept !== undefined).length;
async function writeOn(children: readonly Child[], count: number): Promise<void> {
  const soFar = children.map(writesOf);
  await vi.waitFor(
    () => expect(children.every((child, index) => writesOf(child) >= soFar[index]! + count)).toBe(true),
    { timeout: 60_000, interval: 5 },
  );
}
async function startSteady(path: string, count: number): Promise<Child[]> {
  const children = Array.from({ length: count }, (_, index) => start("steady-writer", path, `writer ${index}`));
  await Promise.all(children.map((child) => child.says("ready")));
  for (const child of children) child.process.send("go");
  return children;
}
async function kill(child: Child): Promise<void> {
  child.process.kill("SIGKILL");
  await child.end;
}

/** Makes a file whose last entries are in the `-wal` of a killed process. */
async function writeAndKill(path: string, count: number): Promise<void> {
  const [child] = await startSteady(path, 1);
  await writeOn([child!], count);
  await kill(child!);
  expect(existsSync(`${path}-wal`)).toBe(true);
}

describe.each(["wal", "delete"])("a backup (journal mode %s)", (mode) => {
  test("that is moved into place while processes write is used by all of them, and intact", async () => {
    const path = temporaryFile();
    const source = await backup(mode);
    const writers = await startSteady(path, 4);
    // A file with a rollback journal must not be replaced while processes write to it.
    for (let round = 0; round < (mode === "wal" ? 12 : 1); round++) {
      await writeOn(writers, 5);
      mv(source, path);
    }
    await writeOn(writers, 5);
    for (const { process } of writers) process.send("stop");
    for (const { end } of writers) expect((await end).code).toBe(0);
    expect(movedAside(path)).toEqual([]);
    expect(writers.flatMap(({ messages }) => messages.filter((one) => (one as { wrong?: string }).wrong))).toEqual([]);
    expect(await hits(path, "backup")).toBe(COUNT);
    expect(replacedJournals(path).length).toBeLessThanOrEqual(2);
    expectIntact(path);
  });

  test("that is moved into place after a kill serves all its entries, and none of the killed process", async () => {
    const path = temporaryFile();
    const source = await backup(mode);
    watchWarnings();
    for (const count of [1, 30, 400]) {
      execute(path, "PRAGMA journal_mode = wal");
      await writeAndKill(path, count);
      mv(source, path);
      expect([await hits(path, "backup"), await hits(path, "writer 0", count)]).toEqual([COUNT, 0]);
      expect(movedAside(path)).toEqual([]);
      expectIntact(path);
    }
  }, 60_000);

  test("that is copied over the file after a kill serves all its entries", async () => {
    const path = temporaryFile();
    const source = await backup(mode);
    watchWarnings();
    for (const count of [1, 30, 400]) {
      execute(path, "PRAGMA journal_mode = wal");
      await writeAndKill(path, count);
      copyFileSync(source, path);
      expect(await hits(path, "backup")).toBe(COUNT);
      expect(movedAside(path)).toEqual([]);
      expectIntact(path);
    }
  }, 60_000);
});

describe("after a kill a backup is intact, however it replaced the file:", () => {
  const ways: Record<string, (source: string, path: string) => void> = {
    "copied after the old file was removed": (source, path) => {
      rmSync(path);
      copyFileSync(source, path);
    },
    "copied after the old file was renamed": (source, path) => {
      renameSync(path, `${path}.old`);
      copyFileSync(source, path);
    },
    "hard-linked": (source, path) => {
      rmSync(path);
      linkSync(source, path);
    },
    "copied with its modification time": (source, path) => cpSync(source, path, { preserveTimestamps: true }),
  };
  test.each(Object.entries(ways))("%s", async (_, put) => {
    const path = temporaryFile();
    const source = await backup();
    watchWarnings();
    await writeAndKill(path, 30);
    put(source, path);
    expect([await hits(path, "backup"), await hits(path, "writer 0", 30)]).toEqual([COUNT, 0]);
    expectIntact(path);
  });

  test("moved to the target of a symbolic link", async () => {
    const path = temporaryFile();
    const target = join(temporaryDirectory(), "target.sqlite");
    writeFileSync(target, "");
    symlinkSync(target, path);
    watchWarnings();
    const [child] = await startSteady(path, 1);
    await writeOn([child!], 30);
    await kill(child!);
    expect(existsSync(`${target}-wal`)).toBe(true);
    mv(await backup(), target);
    expect([await hits(path, "backup"), await hits(path, "writer 0", 30)]).toEqual([COUNT, 0]);
  });

  test("next to a rollback journal of the killed process", async () => {
    const path = await backup("delete");
    const source = await backup();
    watchWarnings();
    await start("killed-in-transaction", path).end;
    expect(statSync(`${path}-journal`).size).toBeGreaterThan(512);
    mv(source, path);
    expect(await hits(path, "backup")).toBe(COUNT);
    expect(replacedJournals(path)).toEqual([expect.stringMatching(/-journal$/)]);
    expectIntact(path);
  });

  test("opened by concurrent processes, only one of which moves the old -wal aside", async () => {
    const path = temporaryFile();
    const source = await backup();
    await writeAndKill(path, 30);
    mv(source, path);
    const writers = await startSteady(path, 4);
    await writeOn(writers, 5);
    for (const { process } of writers) process.send("stop");
    const ends = await Promise.all(writers.map(({ end }) => end));
    expect(ends.flatMap(({ output }) => output.match(/REMEM_SQLITE_\w+/g) ?? [])).toEqual(["REMEM_SQLITE_REPLACED"]);
    expect(await hits(path, "backup")).toBe(COUNT);
    expect(replacedJournals(path)).toHaveLength(1);
  });
});

test("a -wal is not considered foreign while any connection has the file open", async () => {
  const path = temporaryFile();
  await writeAndKill(path, 30);
  copyFileSync(await backup(), path);
  const overwritten = readFileSync(path);
  watchWarnings();
  const reader = new (loadSqlite().DatabaseSync)(path, { readOnly: true });
  reader.prepare("SELECT count(*) FROM remem_entries").get();
  removeStaleWal(path);
  expect(replacedJournals(path)).toEqual([]);
  reader.close();
  removeStaleWal(path);
  expect(replacedJournals(path)).toHaveLength(1);
  expect(readFileSync(path).equals(overwritten)).toBe(true);
  expect(readdirSync(dirname(path)).filter((name) => name.includes("remem-alone"))).toEqual([]);
});

describe("a -wal that belongs to the file is used:", () => {
  test("after its process was killed", async () => {
    const path = temporaryFile();
    await writeAndKill(path, 30);
    expect(await hits(path, "writer 0", 30)).toBe(30);
    expect(replacedJournals(path)).toEqual([]);
  });

  test("in a copy of the directory, and in the renamed directory", async () => {
    const directory = join(temporaryDirectory(), "cache");
    const path = join(directory, "cache.sqlite");
    await writeAndKill(path, 30);
    cpSync(directory, `${directory}-copy`, { recursive: true });
    renameSync(directory, `${directory}-moved`);
    for (const place of ["copy", "moved"]) {
      expect(existsSync(join(`${directory}-${place}`, "cache.locks"))).toBe(true);
      const file = join(`${directory}-${place}`, "cache.sqlite");
      expect(await hits(file, "writer 0", 30)).toBe(30);
      expect(replacedJournals(file)).toEqual([]);
    }
  });

  test("in a copy of the file and its -wal that replaces another cache", async () => {
    const path = temporaryFile();
    const other = temporaryFile();
    await writeAndKill(path, 30);
    const writer = open(other);
    await fill(writer, "other", 30);
    for (const part of ["", "-wal"]) copyFileSync(other + part, `${path}.new${part}`);
    for (const part of ["", "-wal"]) renameSync(`${path}.new${part}`, path + part);
    rmSync(`${path}-shm`);
    expect([await hits(path, "other", 30), await hits(path, "writer 0", 30)]).toEqual([30, 0]);
  });

  test.each(["all", "part"])("after a checkpoint had copied %s of it when its process was killed", async (what) => {
    const path = await backup();
    await start("killed-in-checkpoint", path, "60", what).end;
    const noted = readFileSync(join(lockDirectoryOf(path), "cache"), "latin1");
    expect(noted).not.toContain(` ${statSync(path).size}:`);
    expect([await hits(path, "backup"), await hits(path, "killed", 60)]).toEqual([COUNT, 60]);
    expect(replacedJournals(path)).toEqual([]);
  });

  test("while other processes use it and the file changes", async () => {
    const path = temporaryFile();
    const writers = await startSteady(path, 2);
    await writeOn(writers, 5);
    for (let round = 0; round < 30; round++) {
      execute(path, "PRAGMA wal_checkpoint(PASSIVE)");
      await hits(path, "writer 0", 5);
    }
    for (const { process } of writers) process.send("stop");
    for (const { end } of writers) expect(await end).toEqual({ code: 0, output: "" });
    for (const [index, writer] of writers.entries()) {
      expect(await hits(path, `writer ${index}`, writesOf(writer))).toBe(writesOf(writer));
    }
  });
});

test("a store switches to a replacing file within about a second, even if it only reads", async () => {
  const path = temporaryFile();
  const [one, two] = [open(path), open(path)];
  await fill(one, "old", 30);
  await fill(two, "older", 30);
  watchWarnings();
  mv(await backup(), path);
  await vi.waitFor(async () => expect(await countHits(one, "backup")).toBe(COUNT), 5_000);
  await two.set("k", "v");
  expect([await countHits(two, "backup"), await one.get("k")]).toEqual([COUNT, "v"]);
  expectIntact(path);
});

test("a store on a file with a rollback journal does not apply the journal of a replacing file", async () => {
  const path = await backup("delete");
  const store = open(path);
  expect(await countHits(store, "backup")).toBe(COUNT);
  linkSync(path, `${path}.old`);
  mv(await backup("delete"), path);
  expect(await hits(path, "backup")).toBe(COUNT);
  const writer = connectTo(path);
  writer.exec("PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE remem_entries SET value = 'new'");
  const read = store.get("backup 1");
  expect(existsSync(`${path}-journal`)).toBe(true);
  writer.exec("COMMIT");
  expect(await read).toBe("new");
  expect(await hits(`${path}.old`, "backup")).toBe(COUNT);
});

test("the last writes to a replaced file are kept aside, for the newest two, with a warning", async () => {
  const path = temporaryFile();
  const source = await backup();
  const warnings = watchWarnings();
  for (let round = 0; round < 4; round++) {
    await writeAndKill(path, 5);
    mv(source, path);
    expect(await hits(path, "backup")).toBe(COUNT);
  }
  const names = replacedJournals(path);
  expect(names).toEqual([expect.stringMatching(/-wal$/), expect.stringMatching(/-wal$/)]);
  expect(warnings.mock.calls).toHaveLength(4);
  expect(warnings.mock.calls.at(-1)).toEqual([
    expect.stringContaining(names[1]!),
    { type: "RememWarning", code: "REMEM_SQLITE_REPLACED" },
  ]);
});

test("rows of a Python file that replaces a cache are served", async () => {
  const golden = new URL("../golden/gpt-4o-mini_cache.sqlite", import.meta.url).pathname;
  const alone = temporaryFile();
  copyFileSync(golden, alone);
  const wanted = await collect(open(alone).entries!());
  for (const put of [mv, copyFileSync]) {
    const path = temporaryFile();
    watchWarnings();
    await writeAndKill(path, 30);
    put(golden, path);
    const found = await collect(open(path).entries!());
    expect(found).toEqual(wanted);
    expect(decodeEntry(found[0]![1])?.key).toBe(found[0]![0]);
    expect(connectTo(path).prepare("SELECT * FROM cache ORDER BY key").all()).toEqual(
      connectTo(golden).prepare("SELECT * FROM cache ORDER BY key").all(),
    );
  }
});

test("a file whose old -wal cannot be moved aside is read without it, and written once it can be", async () => {
  const path = temporaryFile();
  await writeAndKill(path, 30);
  mv(await backup(), path);
  watchWarnings();
  const lock = join(lockDirectoryOf(path), "maintenance");
  symlinkSync(temporaryDirectory(), lock);
  const store = open(path);
  expect([await countHits(store, "backup"), await countHits(store, "writer 0", 30)]).toEqual([COUNT, 0]);
  await expect(store.set("k", "v")).rejects.toMatchObject({
    code: "STORE_ERROR",
    message: expect.stringMatching(/read-only: .* was replaced, and the foreign -wal/),
  });
  rmSync(lock);
  await vi.waitFor(() => store.set("k", "v"), 5_000);
  expect(await countHits(store, "backup")).toBe(COUNT);
  expectIntact(path);
});

test.skipIf(!canMount)(
  "on a read-only file system a file is read without the -wal of the one it replaced",
  async () => {
    const path = temporaryFile();
    await writeAndKill(path, 30);
    mv(await backup(), path);
    const before = readFileSync(path);
    const store = open(join(readOnlyView(dirname(path)).directory, "cache.sqlite"));
    expect([await countHits(store, "backup"), await countHits(store, "writer 0", 30)]).toEqual([COUNT, 0]);
    await expect(store.set("k", "v")).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
    expect(readFileSync(path).equals(before)).toBe(true);
  },
);

describe("without a note, a -wal that does not match leaves the intact contents of the file:", () => {
  async function healsTo(path: string, name: string, count: number): Promise<void> {
    const warnings = watchWarnings();
    const store = open(path);
    await vi.waitFor(async () => expect(await countHits(store, name, count)).toBe(count), {
      timeout: 10_000,
      interval: 1,
    });
    await store.set("k", "v");
    expect(await store.get("k")).toBe("v");
    expect(movedAside(path)).toHaveLength(1);
    expect(warnings.mock.calls).toEqual([
      [
        expect.stringMatching(/was moved to .*corrupt-.* continues with an intact copy/),
        { type: "RememWarning", code: "REMEM_SQLITE_DAMAGED" },
      ],
    ]);
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
    await store.close();
    expect(readdirSync(dirname(path)).filter((file) => file.includes("remem-copy"))).toEqual([]);
    expectIntact(path);
  }

  test("a backup", async () => {
    const path = temporaryFile();
    // So many that the -wal holds only the newest, and a checkpoint could write it into the backup.
    await fill(open(path), "old", 600);
    mv(await backup("wal", 600), path);
    writeFileSync(join(lockDirectoryOf(path), "cache"), "");
    await healsTo(path, "backup", 600);
  });

  test("a cache whose -wal is damaged", async () => {
    const path = temporaryFile();
    const store = open(path);
    await fill(store, "key");
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)");
    await fill(store, "newer", 20);
    // SQLite does not check the checksums of a -wal in use again.
    overwrite(`${path}-wal`, 32 + 24 + 2_048, Buffer.alloc(10 * (24 + 2_048), 7));
    await healsTo(path, "key", COUNT);
  });
});
