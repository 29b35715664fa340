import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";

// Not imported: vite does not know this one.
const sqlite = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");

/** A connection as another program has it. */
export function connectTo(path: string): DatabaseSync {
  const database = new sqlite.DatabaseSync(path);
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}

/** Runs statements as another program does, and lets go of the file. */
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
