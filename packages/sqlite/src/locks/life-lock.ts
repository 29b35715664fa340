import { closeSync, lstatSync, openSync, unlinkSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { loadSqlite } from "../driver/node-sqlite.ts";
import { isBusy } from "../driver/result-code.ts";

/** Shows that who has made a file lives, to those who cannot see its process: it may be in another container. */
export interface LifeLock {
  /** Also when it fails the file tells the truth: there is no lock on it any more. */
  release(): void;
}

/** Node closes a connection that it collects as garbage, and with it goes the lock. */
const held = new Set<DatabaseSync>();

/**
 * Makes an empty file at the path, with a lock on it that the kernel drops when the thread ends, however that ends. It is
 * SQLite's, as Node has no locks of its own: the file is a database in which nothing is ever written.
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
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE"); // No journal beside it.
    held.add(database);
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

/** Whether there is such a lock on the file; undefined where nobody can say, as of a file that is gone. */
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

/** For reading alone, so that no file is made where it is gone. */
function openReadOnly(path: string): DatabaseSync | undefined {
  try {
    return new (loadSqlite().DatabaseSync)(path, { readOnly: true });
  } catch {
    return undefined;
  }
}
