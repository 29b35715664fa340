import type { DatabaseSync } from "node:sqlite";
import { closeAfterError } from "../driver/connect.ts";
import { type EntryTable, entryTable } from "../entry-table.ts";
import type { JournalOwner } from "../journal/journal-owner.ts";
import { withPythonRows } from "../python/rows.ts";
import type { Maintenance } from "./maintenance.ts";
import { openDatabase } from "./open-database.ts";
import { asOptionSays, cannotWrite, openReadOnly, readOnlyReason, readOnlyTable } from "./read-only.ts";

export interface OpenTable {
  readonly table: EntryTable;
  readonly isReadOnly: boolean;
  /** True in rollback mode: a reader then applies any journal next to the path, even that of another file. */
  readonly sharesJournal: boolean;
  /** Closes normally, or after an operation that failed with `error`. */
  close(error?: unknown): void;
}

/** Opens the entries of the file. If the file cannot be written, or `readOnly` is set, writes are refused. */
export function openTable(path: string, maintenance: Maintenance, owner: JournalOwner, readOnly = false): OpenTable {
  const reason = readOnly ? asOptionSays() : readOnlyReason(path);
  if (!readOnly && reason !== undefined) trySeparate(owner);
  if (reason !== undefined) return readable(path, owner, reason);
  try {
    const { database, isInWalMode } = openDatabase(path, maintenance, owner);
    return { ...withTable(database), isReadOnly: false, sharesJournal: !isInWalMode };
  } catch (error) {
    if (!cannotWrite(error)) throw error;
    try {
      return readable(path, owner, error);
    } catch {
      throw error;
    }
  }
}

/** Other programs do not know which journals are foreign. */
function trySeparate(owner: JournalOwner): void {
  try {
    owner.separate();
  } catch {
    // Then the foreign journals are ignored.
  }
}

function readable(path: string, owner: JournalOwner, reason: unknown): OpenTable {
  const { table, close } = withTable(openReadOnly(path, owner));
  return { table: readOnlyTable(table, path, reason), isReadOnly: true, sharesJournal: false, close };
}

function withTable(database: DatabaseSync): Pick<OpenTable, "table" | "close"> {
  const close = (error?: unknown): void => closeAfterError(error, database);
  try {
    return { table: withPythonRows(database, entryTable(database)), close };
  } catch (error) {
    close(error);
    throw error;
  }
}
