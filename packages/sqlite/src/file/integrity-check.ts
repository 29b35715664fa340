import type { DatabaseSync } from "node:sqlite";
import { connect } from "../driver/connect.ts";
import { isDamage, ResultCode, resultCode } from "../driver/result-code.ts";
import { hasOnlyCacheTables } from "./schema.ts";

/**
 * Checks the file through a fresh connection and rebuilds damaged indexes from their tables. Returns the remaining
 * problem, or undefined if the file is sound. Reads the whole file, some 1.5 s per gigabyte, and blocks the event loop
 * meanwhile.
 */
export function checkIntegrity(path: string): string | undefined {
  const database = connect(path);
  try {
    let problem = runIntegrityCheck(database);
    if (hasOnlyCacheTables(database)) {
      if (problem !== undefined) {
        database.exec("REINDEX");
        problem = runIntegrityCheck(database);
      }
      probeFreePages(database);
    }
    return problem;
  } catch (error) {
    // CONSTRAINT: two rows have the same key.
    if (isDamage(error) || resultCode(error) === ResultCode.CONSTRAINT) return (error as Error).message;
    throw error;
  } finally {
    database.close();
  }
}

/** The integrity check accepts a list of free pages that is shorter than the file says. A write that needs a page fails then. */
function probeFreePages(database: DatabaseSync): void {
  try {
    database.exec("BEGIN IMMEDIATE; CREATE TABLE remem_probe (x)");
  } finally {
    if (database.isTransaction) database.exec("ROLLBACK");
  }
}

/** Not `quick_check`, which accepts an index with dangling entries. */
export function runIntegrityCheck(database: DatabaseSync): string | undefined {
  const result = database.prepare("PRAGMA integrity_check(1)").get()?.integrity_check;
  return result === "ok" ? undefined : String(result);
}
