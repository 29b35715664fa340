import { linkSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { connect } from "../driver/connect.ts";
import { isBusy, isDamage } from "../driver/result-code.ts";
import { tryStat } from "../file/file-identity.ts";
import { moveAside, SUFFIXES } from "../file/moved-aside.ts";
import { aloneNameOf } from "../file/several-names.ts";
import { isSoundCache } from "./sound-copy.ts";
import { WAL_HEADER_BYTES, walFits } from "./wal-fits.ts";

/** Moves a journal that belongs to another file to where SQLite does not find it. An empty one is deleted. */
export function removeJournal(path: string, suffix: "-wal" | "-journal"): void {
  const bytes = tryStat(path + suffix)?.size ?? 0n;
  // A concurrent process must still find the journal, and wait, or nothing at all.
  if (suffix === "-wal") rmSync(`${path}-shm`, { force: true });
  if (bytes <= WAL_HEADER_BYTES || tryStat(path)?.size === 0n) {
    rmSync(path + suffix, { force: true });
    return;
  }
  const target = moveAside(path, "replaced", { suffixes: [suffix] });
  process.emitWarning(
    `${path} was replaced. The cache continues with the new file; the last writes to the previous one are in ${target}${suffix}.`,
    { type: "RememWarning", code: "REMEM_SQLITE_REPLACED" },
  );
}

/**
 * Does the same for the `-wal` of a file that was overwritten in place. Does nothing if the `-wal` matches the file as
 * it is now, if the file is not a sound cache without it, or if any connection has the file open.
 */
export function removeStaleWal(path: string): void {
  let isOverwritten = false;
  withExclusiveLock(path, () => {
    isOverwritten = !walFits(path, `${path}-wal`);
  });
  // A second lock, because reading the file has dropped the first (POSIX).
  if (!isOverwritten) return;
  withExclusiveLock(path, (database) => {
    if (isSoundCache(database)) removeJournal(path, "-wal");
  });
}

/**
 * Runs `work` only if no other connection, in any process, has the file open. The connection that locks the file opens
 * it under another name, next to which there are no journals. Nothing is run either if no hard link can be created.
 */
function withExclusiveLock(path: string, work: (database: DatabaseSync) => void): void {
  const name = aloneNameOf(path);
  removeAll(name);
  try {
    linkSync(path, name);
  } catch {
    return;
  }
  const database = connect(name);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    work(database);
  } catch (error) {
    if (!isBusy(error) && !isDamage(error)) throw error;
  } finally {
    database.close();
    removeAll(name);
  }
}

function removeAll(path: string): void {
  for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
}
