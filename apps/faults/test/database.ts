import { connectTo } from "@remem/test-support/database";

/** Runs statements as another program does, and closes the file. */
export function execute(path: string, sql: string): void {
  const database = connectTo(path);
  database.exec(sql);
  database.close();
}

export function integrityOf(path: string): unknown {
  const database = connectTo(path);
  const row = database.prepare("PRAGMA integrity_check").get();
  database.close();
  return row?.integrity_check;
}
