import { closeSync, fstatSync, openSync, renameSync, rmSync, statSync } from "node:fs";

/** Longer than a process takes for the few steps of a rotation. */
const STALE_MS = 5_000;

/**
 * Renames the file to `<file>.1` in place of an earlier one, if it is still the file that was opened. Returns whether the path
 * now leads to another file, because this process or another one has renamed it. False if another process is about to rename
 * it.
 *
 * A process that renamed the successor of a full file would lose the full one. So only one process may rename a file: the one
 * that has created the lock, which the file's inode names. No process takes over the lock of a dead one, because two processes
 * could do so at once. It creates the lock with the next number instead.
 */
export function rotate(file: string, descriptor: number): boolean {
  const { ino } = fstatSync(descriptor, { bigint: true });
  const lockOf = (attempt: number): string => `${file}.rotating-${ino}-${attempt}`;
  const attempt = acquire(lockOf);
  if (attempt === undefined) return false;
  try {
    if (inodeOf(file) === ino) renameSync(file, `${file}.1`);
    return true;
  } finally {
    for (let used = 0; used <= attempt; used++) rmSync(lockOf(used), { force: true });
  }
}

/** Returns the number of the lock that this process has created, or undefined while another process holds one. */
function acquire(lockOf: (attempt: number) => string): number | undefined {
  for (let attempt = 0; ; attempt += 1) {
    try {
      closeSync(openSync(lockOf(attempt), "wx", 0o600));
      return attempt;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const createdAt = statSync(lockOf(attempt), { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
      if (Date.now() - createdAt < STALE_MS) return undefined;
    }
  }
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}
