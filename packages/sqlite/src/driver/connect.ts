import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { loadSqlite } from "./node-sqlite.ts";
import { isDamage } from "./result-code.ts";

/** The driver blocks the event loop while it waits for a lock, so the long wait is not its own. */
const DRIVER_WAIT_MS = 20;

export interface ConnectOptions {
  readonly readOnly?: boolean;
  readonly busyMs?: number;
}

/** A connection that has not looked at the file yet. */
export function connect(
  path: string | URL,
  { readOnly = false, busyMs = DRIVER_WAIT_MS }: ConnectOptions = {},
): DatabaseSync {
  const database = new (loadSqlite().DatabaseSync)(path, { readOnly });
  database.exec(`PRAGMA busy_timeout = ${busyMs}`);
  return database;
}

/** The file without its journals, for reading: SQLite neither reads them nor makes any, and takes no lock. */
export function connectWithoutJournals(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  return connect(url, { readOnly: true });
}

/**
 * Closes a connection that has failed. After damage without the checkpoint that the last one makes: what the journal holds
 * may not belong into the file. A second connection keeps the first from being the last, and cannot write itself.
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
    // Whatever this finds, the lock on the file stays from here on.
    keeper.prepare("PRAGMA schema_version").get();
  } catch {
    // Where nothing can be opened or read, there is nothing to be written either.
  }
  return keeper;
}
