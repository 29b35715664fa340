import { closeSync, lstatSync, openSync, unlinkSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { loadSqlite } from "../driver/node-sqlite.ts";
import { isBusy } from "../driver/result-code.ts";

/** Shows that the creator of a file is alive, even to processes in another container, which cannot see it. */
export interface LifeLock {
  /** Releases the lock and deletes the file. Even if deleting fails, the file is no longer locked. */
  release(): void;
}

/** Prevents garbage collection: Node closes a collected connection, which releases its lock. */
const held = new Set<DatabaseSync>();

/**
 * Creates an empty file and locks it until the thread ends. The kernel drops the lock even if the thread is killed. The lock is
 * SQLite's, because Node has no file locks. The file is a database to which nothing is ever written.
 */
export function lockLife(path: string): LifeLock {
  closeSync(openSync(path, "wx", 0o600));
  let database: DatabaseSync | undefined;
  function release(): void {
    if (database !== undefined) held.delete(database);
    database?.close();
    unlinkSync(path);
  }
  try {
    database = new (loadSqlite().DatabaseSync)(path);
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE"); // No journal file.
    held.add(database);
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

/** Whether the file is locked; undefined if that is unknown, for instance because it no longer exists. */
export function isLifeLocked(path: string): boolean | undefined {
  // SQLite would follow a link.
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  const database = openReadOnly(path);
  if (database === undefined) return undefined;
  try {
    database.exec("PRAGMA busy_timeout = 0");
    database.prepare("PRAGMA schema_version").get();
    return false;
  } catch (error) {
    return isBusy(error) ? true : undefined;
  } finally {
    database.close();
  }
}

/** Opens read-only, so that no file is created if it no longer exists. */
function openReadOnly(path: string): DatabaseSync | undefined {
  try {
    return new (loadSqlite().DatabaseSync)(path, { readOnly: true });
  } catch {
    return undefined;
  }
}
