import type { DatabaseSync } from "node:sqlite";

/**
 * Runs a write transaction. It takes the write lock at the start, because upgrading a read transaction can fail without
 * waiting. Inside another transaction it joins that one.
 */
export function transaction<T>(database: DatabaseSync, run: () => T): T {
  if (database.isTransaction) return run();
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = run();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite itself rolls back after some errors, such as a full disk.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
