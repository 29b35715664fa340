import assert from "node:assert/strict";
import type { LockFiles } from "../../src/locks/lock-files.ts";

/** The directories of a lock directory, with the names of the files in each. */
export type Directories = Readonly<Record<string, readonly string[]>>;

export interface MemoryFilesOptions {
  /** Whether a directory can be moved onto an empty one: yes, but not on Windows. */
  readonly replacesEmpty?: boolean;
}

/** A lock directory in memory. What is given is not altered. */
export function memoryFiles(
  given: Directories,
  { replacesEmpty = true }: MemoryFilesOptions = {},
): LockFiles & { readonly directories: Directories } {
  let directories = given;
  function filesIn(directory: string): readonly string[] {
    return directories[directory] ?? fail("ENOENT");
  }
  function without(directory: string): Directories {
    const { [directory]: _, ...others } = directories;
    return others;
  }

  return {
    get directories() {
      return directories;
    },
    list: (path) => (path === "." ? Object.keys(directories) : directories[path]),
    makeDirectory(path) {
      if (path in directories) fail("EEXIST");
      directories = { ...directories, [path]: [] };
    },
    create(path) {
      const [directory, name] = split(path);
      if (filesIn(directory).includes(name)) fail("EEXIST");
      directories = { ...directories, [directory]: [...filesIn(directory), name].sort() };
    },
    move(from, to) {
      const moved = filesIn(from);
      const inTheWay = directories[to];
      if (inTheWay !== undefined && (inTheWay.length > 0 || !replacesEmpty)) return false;
      directories = { ...without(from), [to]: moved };
      return true;
    },
    unlink(path) {
      const [directory, name] = split(path);
      const names = directories[directory];
      if (names !== undefined) directories = { ...directories, [directory]: names.filter((one) => one !== name) };
    },
    rmdir(path) {
      if (directories[path]?.length === 0) directories = without(path);
    },
    touch: (path) => assert.fail(`nothing is touched: ${path}`),
    touchedAt: (path) => assert.fail(`nobody asks when ${path} was touched`),
    lockLife: (name) => assert.fail(`nobody shows by ${name} that he lives`),
    isLifeLocked: (name) => assert.fail(`nobody asks whether the thread of ${name} lives`),
  };
}

/** The same text for the same directories. */
export function keyOf(directories: Directories): string {
  return Object.keys(directories)
    .sort()
    .map((name) => `${name}:${directories[name]}`)
    .join(" ");
}

function split(path: string): [directory: string, name: string] {
  const [directory = "", name = ""] = path.split("/");
  return [directory, name];
}

function fail(code: string): never {
  throw Object.assign(new Error(code), { code });
}
