import type { DatabaseSync } from "node:sqlite";
import { transaction } from "../driver/transaction.ts";
import { type EntryTable, PAGE_ROWS, type Page } from "../entry-table.ts";
import { entryOfRow, PYTHON_COLUMNS, type PythonRow } from "./row.ts";

/**
 * Adds the rows of REMem's Python class in the same file, if any, as a fallback to the table. They are never altered: a
 * row is served until its key is set, deleted or cleared, which hides it.
 */
export function withPythonRows(database: DatabaseSync, table: EntryTable): EntryTable {
  const columns = database.prepare(
    "SELECT count(*) AS count FROM pragma_table_info('cache') WHERE name IN ('key', 'message', 'metadata')",
  );
  if (columns.get()?.count !== 3) return table;

  const row = database.prepare(`SELECT ${PYTHON_COLUMNS} FROM cache WHERE key = ? AND ${VISIBLE}`);
  const rows = database.prepare(
    `SELECT key, ${PYTHON_COLUMNS} FROM cache WHERE key >= ? AND key IS NOT ? AND ${VISIBLE} AND NOT EXISTS
     (SELECT 1 FROM remem_entries WHERE remem_entries.key = cache.key AND (expires_at IS NULL OR expires_at > ?))
     ORDER BY key LIMIT ${PAGE_ROWS}`,
  );
  const hide = database.prepare(`${HIDE} WHERE key = ?`);
  const hideAll = database.prepare(`${HIDE} WHERE key IS NOT NULL`);

  function read(key: string): string | undefined {
    const found = row.get(key) as PythonRow | undefined;
    return found && entryOfRow(key, found);
  }
  function page(after: string | undefined): Page {
    const found = rows.all(after ?? "", after ?? null, Date.now()) as unknown as Array<PythonRow & { key: string }>;
    const entries = found.map((row) => [row.key, entryOfRow(row.key, row)] as const);
    return {
      entries: entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined),
      last: found.at(-1)?.key,
    };
  }

  return {
    get: (key) => table.get(key) ?? read(key),
    // The value of a row holds its request.
    getSidecar: (key) => table.getSidecar(key),
    getMany: (keys) => table.getMany(keys).map((value, index) => value ?? read(keys[index]!)),
    set(key, value, options) {
      transaction(database, () => {
        if (options?.ifAbsent && read(key) !== undefined) return;
        table.set(key, value, options);
        hide.run(key);
      });
    },
    delete: (key) =>
      transaction(database, () => {
        const wasOurs = table.delete(key);
        return Number(hide.run(key).changes) > 0 || wasOurs;
      }),
    clear() {
      transaction(database, () => {
        table.clear();
        hideAll.run();
      });
    },
    sections: [...table.sections, page],
  };
}

const VISIBLE = "NOT EXISTS (SELECT 1 FROM remem_hidden WHERE remem_hidden.key = cache.key)";
const HIDE = "INSERT OR IGNORE INTO remem_hidden (key) SELECT key FROM cache";
