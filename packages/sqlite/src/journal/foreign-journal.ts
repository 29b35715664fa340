import { linkSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { connect } from "../driver/connect.ts";
import { isBusy, isDamage } from "../driver/result-code.ts";
import { tryStat } from "../file/file-identity.ts";
import { moveAside, SUFFIXES } from "../file/moved-aside.ts";
import { isSoundCache } from "./sound-copy.ts";
import { WAL_HEADER_BYTES, walFits } from "./wal-fits.ts";

/** Where the file is another one than its journal was made for: moves the journal out of SQLite's sight. */
export function removeJournal(path: string, suffix: "-wal" | "-journal"): void {
  const bytes = tryStat(path + suffix)?.size ?? 0n;
  // Who comes meanwhile must find the journal still, and wait, or nothing at all.
  if (suffix === "-wal") rmSync(`${path}-shm`, { force: true });
  if (bytes <= WAL_HEADER_BYTES || tryStat(path)?.size === 0n) {
    rmSync(path + suffix, { force: true });
    return;
  }
  const target = moveAside(path, "replaced", { suffixes: [suffix] });
  process.emitWarning(
    `${path} was replaced. The cache goes on with what is there now; the last writes to the file before are in ${target}${suffix}.`,
    { type: "RememWarning", code: "REMEM_SQLITE_REPLACED" },
  );
}

/**
 * Where the file was overwritten beside its `-wal`: does the same. Nothing happens where the `-wal` fits what the file is
 * now, where that is no sound cache without it, or anybody has it open.
 */
export function removeStaleWal(path: string): void {
  let isOverwritten = false;
  withExclusiveLock(path, () => {
    isOverwritten = !walFits(path, `${path}-wal`);
  });
  // Anew, because that look has dropped the locks.
  if (!isOverwritten) return;
  withExclusiveLock(path, (database) => {
    if (isSoundCache(database)) removeJournal(path, "-wal");
  });
}

/**
 * Runs what nobody else may have the file open for, in any process, and does not where somebody has. The connection has the
 * file under another name, beside which there are no journals; so nothing happens either where there can be no such link.
 */
function withExclusiveLock(path: string, work: (database: DatabaseSync) => void): void {
  const name = `${path}.remem-alone`;
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
