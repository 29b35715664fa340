import { closeSync, lstatSync, lutimesSync, mkdirSync, openSync, readdirSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { isLifeLocked, type LifeLock, lockLife } from "./life-lock.ts";
import { removeDirectory } from "./remove-directory.ts";

/** What can happen in a lock directory. Paths are within it; what is not said to be expected throws. */
export interface LockFiles {
  /** The names in a directory; undefined where it is not there. */
  list(path: string): readonly string[] | undefined;
  /** Makes a directory for the owner alone. */
  makeDirectory(path: string): void;
  /** Makes an empty file. */
  create(path: string): void;
  /** Renames a directory. False where there is one of that name with something in it, on Windows also an empty one. */
  move(from: string, to: string): boolean;
  /** Removes a file, if it is there. */
  unlink(path: string): void;
  /** Removes a directory, if it is there and empty. */
  rmdir(path: string): void;
  /** Renews the time of a file's last change. False where it is not there. */
  touch(path: string): boolean;
  /** That time, in milliseconds, of a file or a directory; undefined where it is not there. */
  touchedAt(path: string): number | undefined;
  /** Makes an empty file, for as long as this thread lives or until it is released, and shows by a lock on it that it does. */
  lockLife(name: string): LifeLock;
  /** Whether the thread lives that has made such a file; undefined where nobody can say. */
  isLifeLocked(name: string): boolean | undefined;
}

const GONE = ["ENOENT"];
const NOT_EMPTY = ["ENOTEMPTY", "EEXIST"];
/** Windows refuses so what is there, and also what a virus scanner has open at the moment. */
const IN_THE_WAY = process.platform === "win32" ? [...NOT_EMPTY, "EPERM", "EACCES", "EBUSY"] : NOT_EMPTY;

/** The lock directory as the file system has it. A symbolic link in it is never followed. */
export function lockFiles(directory: string): LockFiles {
  const at = (path: string): string => join(directory, path);
  return {
    list(path) {
      const found = lstatSync(at(path), { throwIfNoEntry: false });
      if (found?.isSymbolicLink()) throw new Error(`${at(path)} is a symbolic link; remove it`);
      return found && unless(GONE, () => readdirSync(at(path)));
    },
    makeDirectory: (path) => void mkdirSync(at(path), { mode: 0o700 }),
    create: (path) => closeSync(openSync(at(path), "wx", 0o600)),
    move: (from, to) => unless(IN_THE_WAY, () => renameSync(at(from), at(to)) ?? true) ?? false,
    unlink: (path) => unless(GONE, () => unlinkSync(at(path))),
    rmdir: (path) => unless([...GONE, ...IN_THE_WAY], () => removeDirectory(at(path))),
    touch(path) {
      const now = new Date();
      return unless(GONE, () => lutimesSync(at(path), now, now) ?? true) ?? false;
    },
    touchedAt: (path) => lstatSync(at(path), { throwIfNoEntry: false })?.mtimeMs,
    lockLife: (name) => lockLife(at(`.${name}`)),
    isLifeLocked: (name) => isLifeLocked(at(`.${name}`)),
  };
}

/** Undefined where the operation fails in one of these ways. */
function unless<T>(codes: readonly string[], operation: () => T): T | undefined {
  try {
    return operation();
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
