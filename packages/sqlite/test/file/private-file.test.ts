import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { describe, expect, test, vi } from "vitest";
import { createPrivateFile } from "../../src/file/private-file.ts";
import { sqliteStore } from "../../src/index.ts";

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** The umask is global to the process, so `run` must be synchronous. */
function underUmask<T>(umask: number, run: () => T): T {
  const before = process.umask(umask);
  try {
    return run();
  } finally {
    process.umask(before);
  }
}

describe.skipIf(process.platform === "win32")("files are accessible to their owner only", () => {
  test.each([0, 0o022, 0o077])("with a umask of %i the file is 0600 and new directories are 0700", async (umask) => {
    const directory = temporaryDirectory();
    const path = join(directory, "a", "b", "cache.sqlite");
    const store = sqliteStore({ path });
    await underUmask(umask, () => store.set("k", "v"));
    expect(modeOf(join(directory, "a"))).toBe("700");
    expect(modeOf(join(directory, "a", "b"))).toBe("700");
    expect(["", "-wal", "-shm"].map((suffix) => modeOf(path + suffix))).toEqual(["600", "600", "600"]);
    await store.close();
  });

  test("a umask that restricts the owner does not make the file unusable", () => {
    const path = join(temporaryDirectory(), "cache.sqlite");
    underUmask(0o277, () => createPrivateFile(path));
    expect(modeOf(path)).toBe("600");
  });

  test("the modes of existing files and directories are unchanged", async () => {
    const directory = join(temporaryDirectory(), "shared");
    mkdirSync(directory);
    chmodSync(directory, 0o755);
    const path = join(directory, "cache.sqlite");
    writeFileSync(path, "");
    chmodSync(path, 0o640);
    const store = sqliteStore({ path });
    await store.set("k", "v");
    expect([modeOf(directory), modeOf(path)]).toEqual(["755", "640"]);
    await store.close();
  });
});

test("an existing file keeps its content", () => {
  const path = join(temporaryDirectory(), "cache.sqlite");
  writeFileSync(path, "content");
  createPrivateFile(path);
  expect(readFileSync(path, "utf8")).toBe("content");
});

test("a directory that cannot be created is an error, and nothing is left behind", () => {
  const file = join(temporaryDirectory(), "file");
  writeFileSync(file, "");
  const path = join(file, "cache.sqlite");
  expect(() => createPrivateFile(path)).toThrow(/EEXIST|ENOTDIR/);
  expect(existsSync(path)).toBe(false);
});

test.skipIf(process.platform === "win32")(
  "a world-writable directory causes one warning, unless its sticky bit protects the files",
  async () => {
    const warnings = vi.spyOn(process, "emitWarning").mockReturnValue();
    const use = async (mode: number): Promise<string> => {
      const directory = temporaryDirectory();
      chmodSync(directory, mode);
      const store = sqliteStore({ path: join(directory, "cache.sqlite") });
      await store.get("k");
      await store.close();
      return directory;
    };
    for (const mode of [0o700, 0o775, 0o1777]) await use(mode);
    expect(warnings).not.toHaveBeenCalled();
    const directory = await use(0o777);
    await use(0o777);
    expect(warnings.mock.calls).toEqual([
      [expect.stringContaining(directory), { type: "RememWarning", code: "REMEM_SQLITE_OPEN_DIRECTORY" }],
    ]);
    warnings.mockRestore();
  },
);
