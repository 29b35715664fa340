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
    const problem = runIntegrityCheck(database);
    if (problem === undefined || !hasOnlyCacheTables(database)) return problem;
    database.exec("REINDEX");
    return runIntegrityCheck(database);
  } catch (error) {
    // CONSTRAINT: two rows have the same key.
    if (isDamage(error) || resultCode(error) === ResultCode.CONSTRAINT) return (error as Error).message;
    throw error;
  } finally {
    database.close();
  }
}

/** Not `quick_check`, which accepts an index with dangling entries. */
export function runIntegrityCheck(database: DatabaseSync): string | undefined {
  const result = database.prepare("PRAGMA integrity_check(1)").get()?.integrity_check;
  return result === "ok" ? undefined : String(result);
}
