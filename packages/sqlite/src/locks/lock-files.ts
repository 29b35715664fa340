import { closeSync, lstatSync, lutimesSync, mkdirSync, openSync, readdirSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { isLifeLocked, type LifeLock, lockLife } from "./life-lock.ts";
import { removeDirectory } from "./remove-directory.ts";

/** The operations on a lock directory. Paths are relative to it. Errors that are not mentioned here are thrown. */
export interface LockFiles {
  /** Returns the names in a directory; undefined if it does not exist. */
  list(path: string): readonly string[] | undefined;
  /** Creates a directory, accessible to the owner only. */
  makeDirectory(path: string): void;
  /** Creates an empty file. */
  create(path: string): void;
  /** Renames a directory. Returns false if a non-empty directory has the new name; on Windows, also an empty one. */
  move(from: string, to: string): boolean;
  /** Removes a file if it exists. */
  unlink(path: string): void;
  /** Removes a directory if it exists and is empty. */
  rmdir(path: string): void;
  /** Updates the modification time of a file. Returns false if it does not exist. */
  touch(path: string): boolean;
  /** Returns the modification time of a file or directory in milliseconds; undefined if it does not exist. */
  touchedAt(path: string): number | undefined;
  /** Creates a life file, locked until this thread ends or releases it. */
  lockLife(name: string): LifeLock;
  /** Whether the thread that created a life file is alive; undefined if that is unknown. */
  isLifeLocked(name: string): boolean | undefined;
}

const MISSING = ["ENOENT"];
const NOT_EMPTY = ["ENOTEMPTY", "EEXIST"];
/** Windows reports an existing target in these ways, as well as one that a virus scanner has open. */
const TARGET_EXISTS = process.platform === "win32" ? [...NOT_EMPTY, "EPERM", "EACCES", "EBUSY"] : NOT_EMPTY;

/** Operates on the file system. Symbolic links are never followed. */
export function lockFiles(directory: string): LockFiles {
  const at = (path: string): string => join(directory, path);
  return {
    list(path) {
      const found = lstatSync(at(path), { throwIfNoEntry: false });
      if (found?.isSymbolicLink()) throw new Error(`${at(path)} is a symbolic link; remove it`);
      return found && unless(MISSING, () => readdirSync(at(path)));
    },
    makeDirectory: (path) => void mkdirSync(at(path), { mode: 0o700 }),
    create: (path) => closeSync(openSync(at(path), "wx", 0o600)),
    move: (from, to) => unless(TARGET_EXISTS, () => renameSync(at(from), at(to)) ?? true) ?? false,
    unlink: (path) => unless(MISSING, () => unlinkSync(at(path))),
    rmdir: (path) => unless([...MISSING, ...TARGET_EXISTS], () => removeDirectory(at(path))),
    touch(path) {
      const now = new Date();
      return unless(MISSING, () => lutimesSync(at(path), now, now) ?? true) ?? false;
    },
    touchedAt: (path) => lstatSync(at(path), { throwIfNoEntry: false })?.mtimeMs,
    lockLife: (name) => lockLife(at(`.${name}`)),
    isLifeLocked: (name) => isLifeLocked(at(`.${name}`)),
  };
}

/** Returns undefined if the operation fails with one of these codes. */
function unless<T>(codes: readonly string[], operation: () => T): T | undefined {
  try {
    return operation();
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
