import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Open } from "../../contestant.ts";
import { bareAnswerIn, bareEntryOf } from "../bare.ts";
import { keyOf, textOf } from "../floor.ts";

export const open: Open = async ({ directory, generate }) => {
  const database = new DatabaseSync(join(directory, "cache.sqlite"));
  database.exec(`
    PRAGMA busy_timeout = 30000;
    PRAGMA page_size = 16384;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS entries (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)`);
  const select = database.prepare("SELECT value FROM entries WHERE key = ?");
  const insert = database.prepare("INSERT OR REPLACE INTO entries (key, value) VALUES (?, ?)");
  return {
    async ask(request) {
      const key = keyOf(request);
      const row = select.get(key);
      if (row !== undefined) return bareAnswerIn(row.value as string);
      const completion = await generate(request);
      insert.run(key, bareEntryOf(completion));
      return textOf(completion);
    },
    async close() {
      database.close();
    },
  };
};
