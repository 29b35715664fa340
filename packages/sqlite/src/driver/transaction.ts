import type { DatabaseSync } from "node:sqlite";

/**
 * Takes the write lock before it reads: a transaction that asks for it later can fail without ever waiting. Within
 * another one it is part of that.
 */
export function transaction<T>(database: DatabaseSync, run: () => T): T {
  if (database.isTransaction) return run();
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = run();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some failures, such as a full disk.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
