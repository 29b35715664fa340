import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "@remem/core";
import { loadSqlite } from "./node-sqlite.ts";
import { createPrivateFile } from "./private-file.ts";
import { transaction } from "./transaction.ts";
import { hasWalResetFix } from "./wal-reset-fix.ts";

/** The driver blocks the event loop while it waits for a lock, so the long wait is not its own. */
const DRIVER_WAIT_MS = 20;

const SCHEMA_VERSION = 1;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS remem_entries (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER);
  CREATE TABLE IF NOT EXISTS remem_hidden (key TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS remem_entries_expiry ON remem_entries (expires_at) WHERE expires_at IS NOT NULL;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** The file with our table in it, made where it is missing. Throws what SQLite throws: also when it is busy. */
export function openDatabase(path: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  createPrivateFile(path);
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${DRIVER_WAIT_MS}`);
    chooseJournalMode(database, path);
    // A checkpoint at 4 MiB, as with pages of 4 KiB: at 16 MiB it stops the event loop for some 50 ms.
    database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 256");
    if (!hasSchema(database, path)) createSchema(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function chooseJournalMode(database: DatabaseSync, path: string): void {
  const walIsSafe = hasWalResetFix(String(valueFrom(database, "SELECT sqlite_version()")));
  const isNew = valueFrom(database, "PRAGMA page_count") === 0;
  if (isNew) database.exec("PRAGMA page_size = 16384");
  if (isNew && walIsSafe) database.exec("PRAGMA journal_mode = WAL");
  if (!walIsSafe && valueFrom(database, "PRAGMA journal_mode") === "wal") warnOfWal(path);
}

function createSchema(database: DatabaseSync, path: string): void {
  transaction(database, () => {
    // Looked at once more: another process may have been first.
    if (!hasSchema(database, path)) database.exec(SCHEMA);
  });
}

/** False where the table is ours to make: in a new file, and in one of a program that keeps no version in it. */
function hasSchema(database: DatabaseSync, path: string): boolean {
  const version = Number(valueFrom(database, "PRAGMA user_version"));
  if (version === 0) return false;
  const ours = valueFrom(
    database,
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'remem_entries'",
  );
  if (ours === 0) {
    throw refused(
      `${path} belongs to another program (user_version ${version}, no table remem_entries). Give the cache a file of its own.`,
    );
  }
  if (version !== SCHEMA_VERSION) {
    throw refused(
      `${path} has schema version ${version}, and this @remem/sqlite knows version ${SCHEMA_VERSION}. Update it, or use another file.`,
    );
  }
  return true;
}

function refused(problem: string): StoreError {
  return new StoreError(`The store "sqlite" does not use this file: ${problem}`, { store: "sqlite" });
}

function valueFrom(database: DatabaseSync, sql: string): unknown {
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

let warned = false;

function warnOfWal(path: string): void {
  if (warned) return;
  warned = true;
  process.emitWarning(
    `${path} is in WAL mode, and the SQLite of this Node (${process.version}) has a bug that can damage such a file when several processes write. Update Node.`,
    { type: "RememWarning", code: "REMEM_SQLITE_WAL" },
  );
}
