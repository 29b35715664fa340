import type { DatabaseSync } from "node:sqlite";
import { connect } from "../driver/connect.ts";
import { isDamage, ResultCode, resultCode } from "../driver/result-code.ts";
import { hasOnlyCacheTables } from "./schema.ts";

/**
 * What a fresh connection finds wrong with the file; undefined where it is sound. Indexes that are not are made anew from
 * their tables, and what those hold is kept. Reads the file from end to end, some 1.5 s a gigabyte, and blocks meanwhile.
 */
export function checkIntegrity(path: string): string | undefined {
  const database = connect(path);
  try {
    const problem = runIntegrityCheck(database);
    if (problem === undefined || !hasOnlyCacheTables(database)) return problem;
    database.exec("REINDEX");
    return runIntegrityCheck(database);
  } catch (error) {
    // CONSTRAINT: two rows have one key.
    if (isDamage(error) || resultCode(error) === ResultCode.CONSTRAINT) return (error as Error).message;
    throw error;
  } finally {
    database.close();
  }
}

/** Not quick_check: that one takes an index for sound whose entries lead nowhere. */
export function runIntegrityCheck(database: DatabaseSync): string | undefined {
  const result = database.prepare("PRAGMA integrity_check(1)").get()?.integrity_check;
  return result === "ok" ? undefined : String(result);
}
