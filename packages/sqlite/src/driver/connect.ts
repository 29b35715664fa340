import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { loadSqlite } from "./node-sqlite.ts";
import { isDamage } from "./result-code.ts";

/** Short, because the driver blocks the event loop while it waits for a lock. The long wait is `createBusyRetry`'s. */
const DRIVER_WAIT_MS = 20;

export interface ConnectOptions {
  readonly readOnly?: boolean | undefined;
  readonly busyMs?: number | undefined;
}

/** Opens a connection, which does not read the file before its first query. */
export function connect(
  path: string | URL,
  { readOnly = false, busyMs = DRIVER_WAIT_MS }: ConnectOptions = {},
): DatabaseSync {
  const database = new (loadSqlite().DatabaseSync)(path, { readOnly });
  database.exec(`PRAGMA busy_timeout = ${busyMs}`);
  return database;
}

/** Opens the file read-only and ignores its journals: SQLite neither reads nor creates them, and takes no lock. */
export function connectWithoutJournals(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  return connect(url, { readOnly: true });
}

/**
 * Closes a connection after an error. After damage it prevents the checkpoint that closing the last connection runs,
 * because the journal may not belong to the file: a second, read-only connection stays open meanwhile, so the first is
 * not the last.
 */
export function closeAfterError(error: unknown, database: DatabaseSync): void {
  const keeper = isDamage(error) ? keeperOf(database.location()) : undefined;
  database.close();
  keeper?.close();
}

function keeperOf(path: string | null): DatabaseSync | undefined {
  if (path === null) return undefined;
  let keeper: DatabaseSync | undefined;
  try {
    keeper = connect(path, { readOnly: true });
    // From here on the connection holds the lock on the file, even if this returns nothing.
    keeper.prepare("PRAGMA schema_version").get();
  } catch {
    // A file that cannot be opened or read cannot be checkpointed either.
  }
  return keeper;
}
