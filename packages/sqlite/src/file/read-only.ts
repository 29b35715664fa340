import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "@remem/core/plugin";
import { connect, connectWithoutJournals } from "../driver/connect.ts";
import { ResultCode, resultCode } from "../driver/result-code.ts";
import type { EntryTable } from "../entry-table.ts";
import type { JournalOwner } from "../journal/journal-owner.ts";
import { hasJournal } from "../journal/journals.ts";
import { reasonOf } from "./denied.ts";
import { createTemporaryTables, hasSchema } from "./schema.ts";
import { severalNames } from "./several-names.ts";

/** The reason that the caller has asked for it. */
export const asOptionSays = (): Error => new Error("`readOnly` says so");

/** Returns why the file must not or cannot be written; undefined if nothing forbids it. */
export function readOnlyReason(path: string): unknown {
  try {
    // SQLite creates its journals next to the file.
    for (const needed of [path, dirname(path)]) accessSync(needed, constants.W_OK);
    return severalNames(path);
  } catch (reason) {
    return (reason as NodeJS.ErrnoException).code === "ENOENT" ? undefined : reason;
  }
}

/** Whether the error is one that SQLite throws when it cannot create or write one of its files. */
export function cannotWrite(error: unknown): boolean {
  const { READONLY, IOERR, FULL, CANTOPEN } = ResultCode;
  return ([READONLY, IOERR, FULL, CANTOPEN] as Array<number | undefined>).includes(resultCode(error));
}

/**
 * Opens the file read-only, and ignores its journals if they belong to another file. Missing tables of ours appear
 * empty.
 */
export function openReadOnly(path: string, owner: JournalOwner): DatabaseSync {
  const isShared = severalNames(path) !== undefined;
  const withoutJournals = owner.hasForeignWal() || (isShared && !hasJournal(path));
  const database = withoutJournals ? connectWithoutJournals(path) : connectToRead(path);
  try {
    if (!hasSchema(database, path)) createTemporaryTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function connectToRead(path: string): DatabaseSync {
  const database = connect(path, { readOnly: true });
  try {
    database.prepare("PRAGMA schema_version").get();
    return database;
  } catch (error) {
    database.close();
    // In WAL mode even a reader creates files. It can do without if all writes are in the file itself.
    if (!cannotWrite(error) || hasJournal(path)) throw error;
  }
  return connectWithoutJournals(path);
}

export function readOnlyTable(table: EntryTable, path: string, reason: unknown): EntryTable {
  function refuse(): never {
    const why = reasonOf(reason, path);
    throw new StoreError(`The store "sqlite" cannot write to ${path}, which is open read-only: ${why}.`, {
      store: "sqlite",
      // SQLite's own errors, such as a full disk, may pass.
      code: resultCode(reason) === undefined ? "STORE_READ_ONLY" : "STORE_ERROR",
      cause: reason,
    });
  }
  return { ...table, set: refuse, delete: refuse, clear: refuse };
}
