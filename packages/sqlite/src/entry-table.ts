import type { StoreSetOptions } from "@remem/core";
import { openDatabase } from "./database.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";
import { transaction } from "./transaction.ts";

/** Our table over one connection. Everything is synchronous and throws what SQLite throws: also when it is busy. */
export interface EntryTable {
  get(key: string): string | undefined;
  getMany(keys: readonly string[]): Array<string | undefined>;
  set(key: string, value: string, options?: StoreSetOptions): void;
  delete(key: string): boolean;
  clear(): void;
  /** The next entries in the order of their stored keys; none once there are no more. */
  page(after: string | undefined): Array<readonly [key: string, value: string]>;
  close(): void;
}

interface Row {
  readonly key: string;
  readonly value: string;
}

/** What one set removes at most, so that no set pays for all that has expired; more than one, so that it does get less. */
const SWEEP_ROWS = 16;
const PAGE_ROWS = 128;
const PAGE_CHARACTERS = 1024 * 1024;

const UPSERT = `
  INSERT INTO remem_entries (key, value, expires_at) VALUES (?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`;
const UNEXPIRED = "(remem_entries.expires_at IS NULL OR remem_entries.expires_at > ?)";

export function openEntryTable(path: string): EntryTable {
  const database = openDatabase(path);

  function prepareAll() {
    return {
      get: database.prepare(`SELECT value FROM remem_entries WHERE key = ? AND ${UNEXPIRED}`),
      // CROSS: the keys lead, or the planner may choose to walk the whole table.
      getMany: database.prepare(
        `SELECT json_each.key AS place, remem_entries.value FROM json_each(?) CROSS JOIN remem_entries
         ON remem_entries.key = json_each.value AND ${UNEXPIRED}`,
      ),
      set: database.prepare(UPSERT),
      setAbsent: database.prepare(`${UPSERT} WHERE remem_entries.expires_at <= ?`),
      sweep: database.prepare(
        `DELETE FROM remem_entries WHERE rowid IN
         (SELECT rowid FROM remem_entries WHERE expires_at <= ? ORDER BY expires_at LIMIT ${SWEEP_ROWS})`,
      ),
      delete: database.prepare(`DELETE FROM remem_entries WHERE key = ? RETURNING ${UNEXPIRED} AS unexpired`),
      clear: database.prepare("DELETE FROM remem_entries"),
      page: database.prepare(
        `SELECT key, value FROM remem_entries WHERE key >= ? AND key IS NOT ? AND ${UNEXPIRED}
         ORDER BY key LIMIT ${PAGE_ROWS}`,
      ),
    };
  }
  let statements: ReturnType<typeof prepareAll>;
  try {
    statements = prepareAll();
  } catch (error) {
    database.close();
    throw error;
  }

  function remove(key: string): boolean {
    // all(), not get(): a statement that is not run to its end hides that its commit failed.
    const [row] = statements.delete.all(toStoredText(key), Date.now());
    return row?.unexpired === 1;
  }

  return {
    get(key) {
      const row = statements.get.get(toStoredText(key), Date.now()) as Row | undefined;
      return row && fromStoredText(row.value);
    },
    getMany(keys) {
      const values: Array<string | undefined> = keys.map(() => undefined);
      for (const row of statements.getMany.iterate(JSON.stringify(keys.map(toStoredText)), Date.now())) {
        const { place, value } = row as unknown as { readonly place: number; readonly value: string };
        values[place] = fromStoredText(value);
      }
      return values;
    },
    set(key, value, { expiresAt, ifAbsent = false } = {}) {
      const now = Date.now();
      if (expiresAt !== undefined && expiresAt <= now) {
        if (!ifAbsent) remove(key);
        return;
      }
      const row = [toStoredText(key), toStoredText(value), expiresAt ?? null] as const;
      const write = () => (ifAbsent ? statements.setAbsent.run(...row, now) : statements.set.run(...row));
      if (expiresAt === undefined) write();
      else {
        transaction(database, () => {
          write();
          statements.sweep.run(now);
        });
      }
    },
    delete: remove,
    clear() {
      statements.clear.run();
    },
    page(after) {
      const last = after === undefined ? null : toStoredText(after);
      const page: Array<readonly [string, string]> = [];
      let characters = 0;
      // Leaving the loop early ends the statement too, and with it the read transaction.
      for (const row of statements.page.iterate(last ?? "", last, Date.now())) {
        const { key, value } = row as unknown as Row;
        page.push([fromStoredText(key), fromStoredText(value)]);
        characters += key.length + value.length;
        if (characters >= PAGE_CHARACTERS) break;
      }
      return page;
    },
    close() {
      database.close();
    },
  };
}
