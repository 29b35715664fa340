import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CacheStore, createClient, RememError } from "@remem/core";
import { connectTo } from "@remem/test-support/database";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { fakeProvider } from "@remem/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { checkIntegrity } from "../../src/file/integrity-check.ts";
import { createMaintenance, lockDirectoryOf } from "../../src/file/maintenance.ts";
import { quarantine } from "../../src/file/quarantine.ts";
import { createReopeningConnection } from "../../src/file/reopening-connection.ts";
import { sqliteStore } from "../../src/index.ts";
import { contentOf, fill, movedAside, overwrite, watchWarnings } from "../damage.ts";
import { errorOf } from "../error-of.ts";

function open(path: string): CacheStore {
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  return store;
}

/** Reads keys until one cannot be read. */
async function firstFailure(store: CacheStore, count = 200): Promise<unknown> {
  for (let index = 0; index < count; index++) {
    try {
      await store.get(`key ${index}`);
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

function originalFile(): string {
  const path = temporaryFile();
  copyFileSync(new URL("../golden/gpt-4o-mini_cache.sqlite", import.meta.url).pathname, path);
  return path;
}

/** Where the header of a database counts its free pages (https://sqlite.org/fileformat2.html). */
const FREE_PAGES = 36;
const PAGE = 2_048;
const noise = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 197 + 89) % 251));

describe("a cache whose file is", () => {
  const damages: Record<string, (path: string) => void> = {
    "truncated to a half": (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
    "truncated to its first page": (path) => truncateSync(path, PAGE),
    "truncated within its header": (path) => truncateSync(path, 50),
    "overwritten in its header": (path) => overwrite(path, 0, noise(100)),
    "overwritten in its first page": (path) => overwrite(path, 100, noise(PAGE - 100)),
    "overwritten with zeros in the middle": (path) => overwrite(path, 2 * PAGE, Buffer.alloc(3 * PAGE)),
    "overwritten completely": (path) => overwrite(path, 0, noise(readFileSync(path).length)),
    "replaced by a text": (path) => writeFileSync(path, "This was a cache once.".repeat(100)),
  };
  test.each(Object.entries(damages))("%s fails once, is moved aside, and works again", async (_, damage) => {
    const path = temporaryFile();
    await fill(path);
    damage(path);
    const damaged = readFileSync(path);
    const warnings = watchWarnings();
    const store = open(path);
    expect(await firstFailure(store)).toMatchObject({ code: "STORE_ERROR", message: expect.stringContaining(path) });
    await store.set("key 1", "new");
    expect(await store.getMany!(["key 1", "key 2"])).toEqual(["new", undefined]);

    const [name, ...more] = movedAside(path);
    expect(more).toEqual([]);
    expect(contentOf(path, name!).equals(damaged)).toBe(true);
    expect(warnings.mock.calls).toEqual([
      [
        expect.stringContaining(`It was moved to ${join(path, "..", name!)}`),
        { type: "RememWarning", code: "REMEM_SQLITE_DAMAGED" },
      ],
    ]);
  });

  test("damaged by one bit in the name of our table is moved aside too", async () => {
    const path = temporaryFile();
    await fill(path);
    const sql = "CREATE TABLE remem_hidden";
    overwrite(path, readFileSync(path).indexOf(sql), sql.replace("remem", "r%mem"));
    watchWarnings();
    const store = open(path);
    expect(await firstFailure(store)).toMatchObject({ code: "STORE_ERROR" });
    await store.set("key 1", "new");
    expect(await store.get("key 1")).toBe("new");
    expect(movedAside(path)).toEqual([expect.stringMatching(/\d$/)]);
  });

  test("damaged while it is open is moved aside too", async () => {
    const path = temporaryFile();
    await fill(path);
    watchWarnings();
    const store = open(path);
    expect(await store.get("unknown")).toBeUndefined();
    overwrite(path, PAGE, noise(20 * PAGE));
    expect(await firstFailure(store)).toMatchObject({ code: "STORE_ERROR" });
    await store.set("key 1", "new");
    expect(movedAside(path)).toHaveLength(1);
  });
});

test("a client on a damaged cache answers every call, the second time from the store", async () => {
  const path = temporaryFile();
  await fill(path);
  overwrite(path, 0, noise(readFileSync(path).length));
  watchWarnings();
  const client = createClient({ provider: fakeProvider("answer"), store: open(path), params: { model: "m" } });
  const ask = async () => {
    const { response, source } = await client.infer([{ role: "user", content: "Hello" }]);
    return [response, source];
  };
  expect([await ask(), await ask()]).toEqual([
    ["answer", "provider"],
    ["answer", "store"],
  ]);
});

test("the newest two damaged caches are kept, with their journals", async () => {
  const path = temporaryFile();
  watchWarnings();
  const names: string[] = [];
  for (let round = 0; round < 4; round++) {
    await fill(path, 50);
    overwrite(path, 2 * PAGE, noise(2 * PAGE));
    const store = open(path);
    expect(await firstFailure(store, 50)).toBeInstanceOf(RememError);
    await store.close();
    names.push(movedAside(path).at(-1)!);
  }
  expect(movedAside(path)).toEqual(names.slice(-2));
});

describe("a damaged index is rebuilt without losing an entry:", () => {
  /** Flips bits of the row number, which follows the key in an index. */
  async function pointElsewhere(path: string, key: string, change: number): Promise<CacheStore> {
    await fill(path, 50);
    const database = connectTo(path);
    const index = database
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_remem_entries_1'")
      .get();
    database.close();
    const bytes = readFileSync(path);
    const end = bytes.indexOf(key, (Number(index?.rootpage) - 1) * PAGE) + key.length;
    overwrite(path, end, Buffer.from([bytes[end]! ^ change]));
    return open(path);
  }
  async function isWhole(store: CacheStore, path: string): Promise<void> {
    for (let key = 0; key < 50; key++) expect(await store.get(`key ${key}`)).toMatch(`value ${key} `);
    expect(movedAside(path)).toEqual([]);
  }

  test("a key points nowhere, which quick_check does not detect", async () => {
    const path = temporaryFile();
    const warnings = watchWarnings();
    const store = await pointElsewhere(path, "key 33", 64);
    await expect(store.get("key 33")).rejects.toMatchObject({ code: "STORE_ERROR" });
    await isWhole(store, path);
    expect(warnings).not.toHaveBeenCalled();
  });

  test("a key points to the row of another, which reads do not detect and writes must not overwrite", async () => {
    const path = temporaryFile();
    const warnings = watchWarnings();
    const store = await pointElsewhere(path, "key 33", 1);
    expect(await store.get("key 33")).toMatch("value 34 ");
    await expect(store.set("key 33", "new")).rejects.toMatchObject({ code: "STORE_ERROR" });
    await isWhole(store, path);
    await store.set("key 33", "new");
    expect(await store.get("key 33")).toBe("new");
    expect(warnings).not.toHaveBeenCalled();
  });
});

describe("a file that was never a cache is refused and left in place:", () => {
  async function staysAsItIs(path: string, refusal: RegExp): Promise<void> {
    const before = readFileSync(path);
    const warnings = watchWarnings();
    const store = open(path);
    const failure = await store.get("k").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "STORE_ERROR", message: expect.stringMatching(refusal) });
    for (const call of [() => store.set("k", "v"), () => store.get("k"), () => store.clear()]) {
      await expect(call()).rejects.toMatchObject({ code: "STORE_ERROR" });
    }
    await store.close();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(movedAside(path)).toEqual([]);
    expect(warnings).not.toHaveBeenCalled();
  }

  test.each([5, 99, 1_000, 100_000])("a text of %i bytes", async (bytes) => {
    const path = temporaryFile();
    writeFileSync(path, "Dear diary, today ".repeat(6_000).slice(0, bytes));
    await staysAsItIs(path, /nothing shows that it was a cache. Move it elsewhere/);
  });

  test("the dump of a cache", async () => {
    const path = temporaryFile();
    writeFileSync(
      path,
      "PRAGMA user_version=1;\nCREATE TABLE remem_entries (key TEXT NOT NULL PRIMARY KEY, value TEXT);\n",
    );
    await staysAsItIs(path, /nothing shows that it was a cache/);
  });

  test("a damaged database of another program, even with a table named cache", async () => {
    const path = temporaryFile();
    const other = connectTo(path);
    other.exec("CREATE TABLE cache (key TEXT PRIMARY KEY, value TEXT); INSERT INTO cache VALUES ('k', 'theirs')");
    other.close();
    truncateSync(path, 5_000);
    await staysAsItIs(path, /more than a cache. Move it elsewhere/);
  });

  test("a damaged database that another program shares with the cache", async () => {
    const path = temporaryFile();
    const other = connectTo(path);
    other.exec("CREATE TABLE notes (text)");
    other.close();
    await fill(path);
    overwrite(path, 0, noise(100));
    await staysAsItIs(path, /more than a cache/);
    truncateSync(path, 20_000);
    await staysAsItIs(path, /more than a cache/);
  });

  test("a damaged cache of a newer version", async () => {
    const path = temporaryFile();
    await fill(path);
    const newer = connectTo(path);
    newer.exec("PRAGMA user_version = 1000");
    newer.close();
    truncateSync(path, 5 * PAGE);
    await staysAsItIs(path, /more than a cache/);
  });
});

test("a file whose header counts free pages that it does not have is moved aside by a write that needs one", async () => {
  watchWarnings();
  const path = temporaryFile();
  await fill(path);
  const bytes = readFileSync(path);
  expect(bytes.readUInt32BE(FREE_PAGES)).toBe(0);
  bytes.writeUInt32BE(4, FREE_PAGES);
  writeFileSync(path, bytes);
  const store = open(path);
  const large = "x".repeat(20 * PAGE);
  await expect(store.set("large", large)).rejects.toThrow(/malformed/);
  await store.set("large", large);
  expect(await store.get("large")).toBe(large);
  expect(movedAside(path)).toHaveLength(1);
});

test("a refused file is checked once, not by every operation", () => {
  const path = temporaryFile();
  writeFileSync(path, "Dear diary, today ".repeat(6_000));
  const check = vi.fn(checkIntegrity);
  const connection = createReopeningConnection(path, {
    quarantine: (path, maintenance) => quarantine(path, maintenance, check),
  });
  onTestFinished(() => connection.close());
  for (let round = 0; round < 4; round++) errorOf(() => connection.read((table) => table.get("k")));
  expect(check).toHaveBeenCalledTimes(1);
});

describe("a damaged cache file of the Python class", () => {
  test.each(["before", "after"])(
    "that is damaged %s its first use here is moved aside and never deleted",
    async (when) => {
      watchWarnings();
      const path = originalFile();
      if (when === "after") await fill(path, 1);
      truncateSync(path, 50_000);
      const damaged = readFileSync(path);
      let store = open(path);
      expect(await store.get("k").catch((error: unknown) => error)).toBeInstanceOf(RememError);
      await store.close();
      const [name] = movedAside(path);
      expect(name).toMatch(/\.keep$/);

      for (let round = 0; round < 4; round++) {
        await fill(path, 50);
        overwrite(path, 2 * PAGE, noise(2 * PAGE));
        store = open(path);
        expect(await firstFailure(store, 50)).toBeInstanceOf(RememError);
        await store.close();
      }
      expect(movedAside(path)).toHaveLength(3);
      expect(contentOf(path, name!).equals(damaged)).toBe(true);
    },
  );
});

test("without a lock the damaged file stays, and operations fail", async () => {
  const path = temporaryFile();
  await fill(path);
  const locks = lockDirectoryOf(path);
  rmSync(locks, { recursive: true });
  writeFileSync(locks, "a file in its place");
  truncateSync(path, 5 * PAGE);
  const store = open(path);
  for (let round = 0; round < 3; round++) {
    await expect(store.get("k")).rejects.toMatchObject({
      code: "STORE_ERROR",
      message: expect.stringMatching(/malformed/),
    });
  }
  expect(movedAside(path)).toEqual([]);
  expect(quarantine(path, createMaintenance(path), () => expect.unreachable())).toBe(false);
});

test.each([
  ["another file replaces it", (path: string) => renameSync(`${path}.fresh`, path)],
  ["another process takes over the lock", (path: string) => rmSync(lockDirectoryOf(path), { recursive: true })],
])("nothing is moved if, during the check, %s", async (_, happens) => {
  const path = temporaryFile();
  await fill(`${path}.fresh`, 1);
  await fill(path);
  truncateSync(path, 5 * PAGE);
  const check = (path: string) => {
    happens(path);
    return "damaged";
  };
  expect(quarantine(path, createMaintenance(path), check)).toBe(false);
  expect(movedAside(path)).toEqual([]);
});

test("a new cache next to the journal of another one is empty and works", async () => {
  const other = join(temporaryDirectory(), "other.sqlite");
  const store = open(other);
  await store.set("k", "theirs");
  const path = temporaryFile();
  copyFileSync(`${other}-wal`, `${path}-wal`);
  copyFileSync(`${other}-shm`, `${path}-shm`);
  const fresh = open(path);
  expect(await fresh.get("k")).toBeUndefined();
  await fresh.set("k", "ours");
  await fresh.close();
  expect(await open(path).get("k")).toBe("ours");
});

test("a cache next to the journal of another one serves either of them, or is moved aside", async () => {
  watchWarnings();
  const other = join(temporaryDirectory(), "other.sqlite");
  const theirs = open(other);
  await theirs.set("key 1", "theirs");
  const path = temporaryFile();
  await fill(path);
  copyFileSync(`${other}-wal`, `${path}-wal`);
  const store = open(path);
  await firstFailure(store);
  await store.set("k", "new");
  expect(await store.get("k")).toBe("new");
});
