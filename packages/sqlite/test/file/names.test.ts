import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { CacheStore } from "@remem/core";
import { connectTo } from "@remem/test-support/database";
import { bindMount, canMount, hide } from "@remem/test-support/mounts";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { lockDirectoryOf } from "../../src/file/maintenance.ts";
import { realPathOf } from "../../src/file/real-path.ts";
import { sqliteStore } from "../../src/index.ts";
import { fill, movedAside, watchWarnings } from "../damage.ts";

function open(path: string): CacheStore {
  const store = sqliteStore({ path });
  onTestFinished(() => store.close());
  return store;
}
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("behind a symbolic link", () => {
  function linkTo(target: string): string {
    const link = join(temporaryDirectory(), "link.sqlite");
    symlinkSync(target, link);
    return link;
  }

  test("a file that does not exist yet is created where the link points, private, with its locks and journals beside it", async () => {
    const target = join(temporaryDirectory(), "a", "b", "real.sqlite");
    const link = linkTo(target);
    const store = open(link);
    await store.set("k", "v");
    const lease = await store.flights!.enter("k");
    expect(readdirSync(dirname(link))).toEqual(["link.sqlite"]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readdirSync(dirname(target)).sort()).toEqual([
      "real.locks",
      "real.sqlite",
      "real.sqlite-shm",
      "real.sqlite-wal",
    ]);
    if (process.platform !== "win32") {
      expect(["", "-wal", "-shm"].map((suffix) => modeOf(target + suffix))).toEqual(["600", "600", "600"]);
      expect([dirname(target), lockDirectoryOf(target)].map(modeOf)).toEqual(["700", "700"]);
    }
    expect(await open(target).flights!.enter("k")).toBeUndefined();
    await lease?.[Symbol.asyncDispose]();
  });

  test("a damaged file is moved aside where it lies, and the link stays", async () => {
    const target = temporaryFile();
    const link = linkTo(target);
    await fill(link);
    truncateSync(target, 40_000);
    watchWarnings();
    const store = open(link);
    await expect(store.getMany!(Array.from({ length: 200 }, (_, index) => `key ${index}`))).rejects.toThrow();
    await store.set("k", "v");
    expect(movedAside(target)).toHaveLength(1);
    expect(readdirSync(dirname(link))).toEqual(["link.sqlite"]);
    expect(await open(target).get("k")).toBe("v");
  });

  test("the store follows a link that is pointed elsewhere, with its locks", async () => {
    const [one, two] = [temporaryFile(), temporaryFile()];
    const link = linkTo(one);
    const store = open(link);
    await store.set("k", "one");
    symlinkSync(two, `${link}.new`);
    renameSync(`${link}.new`, link);
    await store.set("k", "two");
    expect([await open(one).get("k"), await open(two).get("k")]).toEqual(["one", "two"]);
    await using _lease = await store.flights!.enter("k");
    expect(await open(two).flights!.enter("k")).toBeUndefined();
    await using other = await open(one).flights!.enter("k");
    expect(other).toBeDefined();
  });

  test("links in a circle are an error that names the path", async () => {
    const link = join(temporaryDirectory(), "a.sqlite");
    symlinkSync(link, link);
    await expect(open(link).set("k", "v")).rejects.toMatchObject({
      code: "STORE_ERROR",
      message: expect.stringContaining(link),
    });
  });
});

test("a path is resolved through links of directories, relative links, and links to links", () => {
  const directory = realPathOf(temporaryDirectory());
  mkdirSync(join(directory, "real"));
  symlinkSync("real", join(directory, "folder"));
  symlinkSync("../folder/second", join(directory, "real", "first"));
  symlinkSync("missing/file", join(directory, "real", "second"));
  expect(realPathOf(join(directory, "folder", "first"))).toBe(join(directory, "real", "missing", "file"));
  mkdirSync(join(directory, "real", "missing"));
  writeFileSync(join(directory, "real", "missing", "file"), "");
  expect(realPathOf(join(directory, "folder", "first"))).toBe(join(directory, "real", "missing", "file"));
  expect(realPathOf(join(directory, "none", "at", "all"))).toBe(join(directory, "none", "at", "all"));
});

describe("a file with two hard links", () => {
  async function withTwoNames(count = 3): Promise<{ readonly path: string; readonly other: string }> {
    const path = temporaryFile();
    await fill(path, count);
    const other = join(temporaryDirectory(), "other.sqlite");
    linkSync(path, other);
    return { path, other };
  }
  const READ_ONLY = {
    code: "STORE_READ_ONLY",
    message: expect.stringMatching(/several names.*find -samefile.*symbolic/),
  };

  test("serves hits under both names, and is written under neither: each would have a journal of its own", async () => {
    const { path, other } = await withTwoNames();
    for (const name of [path, other]) {
      const store = open(name);
      expect(await store.get("key 1")).toMatch(/^value 1 /);
      await expect(store.set("k", "v")).rejects.toMatchObject(READ_ONLY);
      await expect(store.delete("key 1")).rejects.toMatchObject(READ_ONLY);
      expect([existsSync(`${name}-wal`), existsSync(`${name}-shm`)]).toEqual([false, false]);
    }
  });

  test("is written again once it has one name", async () => {
    const { path, other } = await withTwoNames();
    const store = open(other);
    await expect(store.set("k", "v")).rejects.toMatchObject(READ_ONLY);
    rmSync(path);
    await vi.waitFor(() => store.set("k", "v"), { timeout: 10_000, interval: 50 });
    expect(await store.get("key 1")).toMatch(/^value 1 /);
  });

  test("is not moved aside when it is damaged", async () => {
    const { path, other } = await withTwoNames(200);
    truncateSync(path, 40_000);
    const store = open(other);
    await expect(store.getMany!(Array.from({ length: 200 }, (_, index) => `key ${index}`))).rejects.toThrow();
    expect([movedAside(path), movedAside(other)]).toEqual([[], []]);
  });

  test("serves the writes that are in the journal of this name", async () => {
    const path = temporaryFile();
    const writer = open(path);
    await writer.set("k", "v");
    linkSync(path, `${path}.backup`);
    expect(await open(path).get("k")).toBe("v");
    expect(await writer.get("k")).toBe("v");
  });

  test("is written while the second one is that of our own check", async () => {
    const path = temporaryFile();
    await fill(path, 1);
    linkSync(path, `${path}.remem-alone`);
    const store = open(path);
    await store.set("k", "v");
    expect(await store.get("k")).toBe("v");
  });
});

describe.skipIf(!canMount)("a file that is mounted by itself (skipped if nothing can be mounted)", () => {
  async function mounted(): Promise<{ readonly path: string; readonly mount: string }> {
    const path = temporaryFile();
    await fill(path, 3);
    const mount = join(temporaryDirectory(), "a mounted file.sqlite");
    writeFileSync(mount, "");
    bindMount(path, mount);
    return { path, mount };
  }

  test("is used where its directory is visible, with the journals and locks there", async () => {
    const { path, mount } = await mounted();
    const store = open(mount);
    await store.set("k", "v");
    await using _lease = await store.flights!.enter("k");
    expect(readdirSync(dirname(mount))).toEqual(["a mounted file.sqlite"]);
    const other = open(path);
    expect(await other.get("k")).toBe("v");
    expect(await other.flights!.enter("k")).toBeUndefined();
  });

  test("is only read where its directory is not visible", async () => {
    const { path, mount } = await mounted();
    hide(dirname(path));
    const store = open(mount);
    expect(await store.get("key 1")).toMatch(/^value 1 /);
    await expect(store.set("k", "v")).rejects.toMatchObject({
      code: "STORE_READ_ONLY",
      message: expect.stringMatching(/the file alone is mounted.*Mount its directory/),
    });
    expect(readdirSync(dirname(mount))).toEqual(["a mounted file.sqlite"]);
  });

  test("is still intact for other programs", async () => {
    const { path, mount } = await mounted();
    await Promise.all([open(mount), open(path)].map((store, index) => store.set(`k ${index}`, "v")));
    expect(connectTo(path).prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  });
});
