import { rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { connect, connectWithoutJournals } from "../driver/connect.ts";
import { isDamage } from "../driver/result-code.ts";
import { runIntegrityCheck } from "../file/integrity-check.ts";
import { createPrivateFile } from "../file/private-file.ts";
import { tableOwnersIn } from "../file/schema.ts";

/**
 * Copies the file without its journals to `target`. Returns false if that state is not a sound cache, or is an empty
 * one.
 */
export function copyWithoutJournals(path: string, target: string): boolean {
  return withoutJournals(path, (database) => {
    if (!isSoundCache(database)) return false;
    rmSync(target, { force: true });
    createPrivateFile(target);
    database.prepare("VACUUM INTO ?").run(target);
    if (!tableOwnersIn(database).has("python")) setWalMode(target);
    return true;
  });
}

/** Whether the file is a cache that is sound without its journals. */
export const isSoundWithoutJournals = (path: string): boolean => withoutJournals(path, isSoundCache);

/** Whether the database is a cache and passes the integrity check, which reads the whole file. */
export function isSoundCache(database: DatabaseSync): boolean {
  const owners = tableOwnersIn(database);
  return owners.size > 0 && !owners.has("other") && runIntegrityCheck(database) === undefined;
}

/** Returns false on damage. */
function withoutJournals(path: string, use: (database: DatabaseSync) => boolean): boolean {
  const database = connectWithoutJournals(path);
  try {
    return use(database);
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  } finally {
    database.close();
  }
}

/** `VACUUM INTO` does not keep the journal mode. */
function setWalMode(path: string): void {
  const database = connect(path);
  try {
    database.exec("PRAGMA journal_mode = WAL");
  } finally {
    database.close();
  }
}
