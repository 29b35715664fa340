import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "./database.ts";
import { type EntryTable, entryTable } from "./entry-table.ts";
import type { Maintenance } from "./maintenance.ts";
import { withOriginalRows } from "./original-rows.ts";
import { cannotWrite, openToRead, readOnlyTable, whyReadOnly } from "./read-only.ts";

export interface OpenTable {
  readonly table: EntryTable;
  readonly isReadOnly: boolean;
}

/** The entries of the file, with their writes refused where it can only be read. */
export function openTable(path: string, maintenance: Maintenance): OpenTable {
  const reason = whyReadOnly(path);
  if (reason !== undefined) return readable(path, reason);
  try {
    return { table: tableOf(openDatabase(path, maintenance)), isReadOnly: false };
  } catch (error) {
    if (!cannotWrite(error)) throw error;
    try {
      return readable(path, error);
    } catch {
      throw error;
    }
  }
}

function readable(path: string, reason: unknown): OpenTable {
  return { table: readOnlyTable(tableOf(openToRead(path)), path, reason), isReadOnly: true };
}

function tableOf(database: DatabaseSync): EntryTable {
  try {
    return withOriginalRows(database, entryTable(database));
  } catch (error) {
    database.close();
    throw error;
  }
}
