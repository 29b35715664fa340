import type { DatabaseSync } from "node:sqlite";
import { headOf } from "@remem/core/plugin";
import { transaction } from "../driver/transaction.ts";
import { type EntryTable, type HeadPage, NEWEST, PAGE_ROWS, type Page, type WhichHeads } from "../entry-table.ts";
import { hasKeyBetween, keysBetween } from "../key-prefix.ts";
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
  const newestRows = database.prepare(newestSql("TRUE"));
  const newestRowsBetween = database.prepare(newestSql(hasKeyBetween("cache")));
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

  function heads({ prefix }: WhichHeads, before: number = NEWEST): HeadPage {
    const keys = keysBetween(prefix);
    const statement = keys === undefined ? newestRows : newestRowsBetween;
    const found = statement.all(before, ...(keys ?? []), Date.now()) as unknown as HeadRow[];
    return {
      heads: found.flatMap((row) => {
        const entry = row.key.startsWith(prefix) ? entryOfRow(row.key, row) : undefined;
        return entry === undefined ? [] : { key: row.key, head: headOf(entry), bytes: row.bytes };
      }),
      last: found.at(-1)?.rowid,
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
    headSections: [...table.headSections, heads],
  };
}

type HeadRow = PythonRow & { readonly rowid: number; readonly key: string; readonly bytes: number };

const newestSql = (condition: string): string => `
  SELECT rowid, key, ${PYTHON_COLUMNS},
    octet_length(key) + coalesce(octet_length(message), 0) + coalesce(octet_length(metadata), 0) AS bytes
  FROM cache WHERE rowid < ? AND ${condition} AND typeof(key) = 'text' AND ${VISIBLE} AND NOT EXISTS
    (SELECT 1 FROM remem_entries WHERE remem_entries.key = cache.key AND (expires_at IS NULL OR expires_at > ?))
  ORDER BY rowid DESC LIMIT ${PAGE_ROWS}`;

const VISIBLE = "NOT EXISTS (SELECT 1 FROM remem_hidden WHERE remem_hidden.key = cache.key)";
const HIDE = "INSERT OR IGNORE INTO remem_hidden (key) SELECT key FROM cache";
