import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Open } from "../../contestant.ts";
import { cachifiedOver } from "../cachified.ts";

/** The cache adapter of the Epic Stack: a statement per operation, and two columns of JSON. */
export const open: Open = async (setting) => {
  const database = new DatabaseSync(join(setting.directory, "cache.sqlite"));
  database.exec("CREATE TABLE IF NOT EXISTS cache (key TEXT PRIMARY KEY, metadata TEXT, value TEXT)");
  const select = database.prepare("SELECT value, metadata FROM cache WHERE key = ?");
  const insert = database.prepare("INSERT OR REPLACE INTO cache (key, value, metadata) VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM cache WHERE key = ?");
  const cache = {
    get(key: string) {
      const row = select.get(key);
      return row && { metadata: JSON.parse(row.metadata as string), value: JSON.parse(row.value as string) };
    },
    set(key: string, { value, metadata }: { readonly value: unknown; readonly metadata: unknown }) {
      insert.run(key, JSON.stringify(value), JSON.stringify(metadata));
    },
    delete(key: string) {
      remove.run(key);
    },
  };
  return {
    ...cachifiedOver(cache, setting),
    async close() {
      database.close();
    },
  };
};
