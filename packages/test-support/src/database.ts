import { createRequire } from "node:module";
import type { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";

// Required, because vite cannot import `node:sqlite`.
const sqlite = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite");

/** Opens a plain connection, as another program would. It is closed after the test at the latest. */
export function connectTo(path: string): DatabaseSync {
  const database = new sqlite.DatabaseSync(path);
  onTestFinished(() => {
    if (database.isOpen) database.close();
  });
  return database;
}
