import assert from "node:assert/strict";
import type { LockFiles } from "../../src/locks/lock-files.ts";

/** The directories of a lock directory, with the names of the files in each. */
export type Directories = Readonly<Record<string, readonly string[]>>;

export interface MemoryFilesOptions {
  /** Whether a directory can be renamed onto an empty one: true except on Windows. */
  readonly replacesEmpty?: boolean;
}

/** A lock directory in memory. Does not alter its argument. */
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
    touch: (path) => assert.fail(`unexpected touch of ${path}`),
    touchedAt: (path) => assert.fail(`unexpected touchedAt of ${path}`),
    lockLife: (name) => assert.fail(`unexpected lockLife of ${name}`),
    isLifeLocked: (name) => assert.fail(`unexpected isLifeLocked of ${name}`),
  };
}

/** Returns identical text for identical directories. */
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
