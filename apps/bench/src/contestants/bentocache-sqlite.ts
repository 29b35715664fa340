import { join } from "node:path";
import { kyselyDriver } from "bentocache/drivers/kysely";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";

export function sqliteDriver(directory: string): ReturnType<typeof kyselyDriver> {
  const database = new Database(join(directory, "cache.sqlite"));
  database.pragma("journal_mode = WAL"); // Recommended by better-sqlite3.
  return kyselyDriver({ connection: new Kysely<unknown>({ dialect: new SqliteDialect({ database }) }) });
}
