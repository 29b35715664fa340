import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "@remem/core/plugin";
import { ResultCode, resultCode } from "../driver/result-code.ts";
import { CREATE_VIEW, isEarlier, VIEW } from "./view.ts";

const COLUMNS = {
  remem_entries: "(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER, sidecar TEXT)",
  remem_hidden: "(key TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
} as const;

type TableName = keyof typeof COLUMNS;

const NAMES = Object.keys(COLUMNS) as TableName[];

const CREATE = `
  CREATE TABLE IF NOT EXISTS remem_entries ${COLUMNS.remem_entries};
  CREATE TABLE IF NOT EXISTS remem_hidden ${COLUMNS.remem_hidden};
  CREATE INDEX IF NOT EXISTS remem_entries_expiry ON remem_entries (expires_at) WHERE expires_at IS NOT NULL;
  ${CREATE_VIEW}
`;

/**
 * The migration of a sound file to the version after its own. Version 1 kept the request in the value. Version 2 had no view,
 * which is created together with missing tables.
 */
const MIGRATIONS: Readonly<Record<number, string>> = { 1: "ALTER TABLE remem_entries ADD COLUMN sidecar TEXT" };

export const SCHEMA_VERSION: number = 3;

/** Statements that prepare only if the table has the right shape. They are never run. */
const PROBES: Readonly<Record<TableName, string>> = {
  remem_entries:
    "INSERT INTO remem_entries (key, value, expires_at, sidecar) VALUES ('', '', 0, '') ON CONFLICT (key) DO NOTHING",
  remem_hidden: "INSERT INTO remem_hidden (key) VALUES ('') ON CONFLICT (key) DO NOTHING",
};

/**
 * Whether all our tables exist in the right shape, and no view of an earlier revision does.
 * @throws {StoreError} if they must not be created: the file has a newer schema version, or belongs to another program
 * that uses `user_version` itself
 */
export function hasSchema(database: DatabaseSync, path: string): boolean {
  const version = versionOf(database);
  const tables = tablesIn(database);
  const isForeign = tables.length > 0 && !NAMES.some((name) => tables.includes(name));
  if (isForeign && version !== 0) {
    throw refusal(
      `${path} belongs to another program (user_version ${version}, no table remem_entries). Give the cache a file of its own.`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw refusal(
      `${path} has schema version ${version}, but this @remem/sqlite supports version ${SCHEMA_VERSION}. Update @remem/sqlite, or use another file.`,
    );
  }
  return version === SCHEMA_VERSION && invalidTables(database).length === 0 && !hasEarlierView(database);
}

/** Creates or migrates the tables that `hasSchema` checks. An altered table is kept under another name. */
export function makeSchema(database: DatabaseSync): void {
  for (let version = versionOf(database); version < SCHEMA_VERSION; version++) migrate(database, version);
  for (const name of invalidTables(database)) renameAside(database, name);
  if (hasEarlierView(database)) database.exec(`DROP VIEW ${VIEW}`);
  database.exec(`${CREATE} PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/** Whether no other program has tables in the file. */
export function hasOnlyCacheTables(database: DatabaseSync): boolean {
  return !tableOwnersIn(database).has("other");
}

/** Returns the owners of the tables in the file. */
export function tableOwnersIn(database: DatabaseSync): ReadonlySet<TableOwner> {
  const rows = database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table'").all();
  return new Set(rows.map(({ sql }) => tableOwnerOf(String(sql))));
}

/** Shadows missing or invalid tables with empty ones in memory, for a file that is open read-only. */
export function createTemporaryTables(database: DatabaseSync): void {
  database.exec("PRAGMA temp_store = MEMORY");
  for (const name of invalidTables(database)) database.exec(`CREATE TEMP TABLE ${name} ${COLUMNS[name]}`);
}

export const refusal = (problem: string): StoreError =>
  new StoreError(`The store "sqlite" refuses this file: ${problem}`, { store: "sqlite" });

function migrate(database: DatabaseSync, version: number): void {
  try {
    database.exec(MIGRATIONS[version] ?? "");
  } catch (error) {
    // The table was dropped or altered; it is recreated below.
    if (resultCode(error) !== ResultCode.ERROR) throw error;
  }
}

function renameAside(database: DatabaseSync, name: TableName): void {
  if (!tablesIn(database).includes(name)) return;
  // Renaming would take the view and the index along, and the new table could not have some of those names.
  dropView(database);
  database.exec(`DROP INDEX IF EXISTS remem_entries_expiry; ALTER TABLE ${name} RENAME TO ${name}_${Date.now()}`);
}

function dropView(database: DatabaseSync): void {
  if (viewIn(database) !== undefined) database.exec(`DROP VIEW ${VIEW}`);
}

/** A newer version of ours keeps its view: programs of both may open the file in turns. */
function hasEarlierView(database: DatabaseSync): boolean {
  const view = viewIn(database);
  return view !== undefined && isEarlier(view);
}

/** The definition of the view. Undefined if there is none, or if another program has a table of this name. */
function viewIn(database: DatabaseSync): string | undefined {
  const row = database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?").get(VIEW);
  return row && String(row.sql);
}

function invalidTables(database: DatabaseSync): TableName[] {
  return NAMES.filter((name) => !isValid(database, name));
}

function isValid(database: DatabaseSync, name: TableName): boolean {
  try {
    database.prepare(PROBES[name]);
    return true;
  } catch (error) {
    if (resultCode(error) === ResultCode.ERROR) return false;
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

function tablesIn(database: DatabaseSync): string[] {
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  return rows.map(({ name }) => String(name));
}

export type TableOwner = "ours" | "python" | "other";

const OURS = /^CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?["'`[]?(?:remem|sqlite)_/i;
const PYTHON = /^CREATE TABLE (?:IF NOT EXISTS )?["'`[]?cache\b[^(]*\([^)]*\bmessage\b[^)]*\bmetadata\b/i;

/**
 * Returns the owner of the table that a `CREATE TABLE` creates. `"python"` is REMem's Python class: its rows are paid
 * answers.
 */
export function tableOwnerOf(createTable: string): TableOwner {
  if (OURS.test(createTable)) return "ours";
  return PYTHON.test(createTable) ? "python" : "other";
}
