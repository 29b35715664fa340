import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";

// Vite does not know this module, so it cannot be imported.
const sqlite = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");

/** Opens a connection as another program does. */
export function connectTo(path: string): DatabaseSync {
  const database = new sqlite.DatabaseSync(path);
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}

/** Runs statements as another program does, and closes the file. */
export function execute(path: string, sql: string): void {
  const database = connectTo(path);
  database.exec(sql);
  database.close();
}

export function integrityOf(path: string): unknown {
  const database = connectTo(path);
  const row = database.prepare("PRAGMA integrity_check").get();
  database.close();
  return row?.integrity_check;
}
