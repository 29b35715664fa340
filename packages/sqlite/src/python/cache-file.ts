import { existsSync } from "node:fs";
import {
  type ChatCompletion,
  type ChatRequest,
  decodeEntry,
  isReservedKey,
  RememError,
  type StoredEntry,
} from "@remem/core/plugin";
import { connect } from "../driver/connect.ts";
import { rowsOf } from "../driver/rows.ts";
import { transaction } from "../driver/transaction.ts";
import { createPrivateFile } from "../file/private-file.ts";
import { entryOfRow, PYTHON_COLUMNS, PYTHON_TABLE, type PythonRow, rowOfEntry } from "./row.ts";

/** How long to wait for a locked file. Waiting blocks the event loop: these functions are for commands and scripts. */
const BUSY_MS = 30_000;
const BATCH = 128;

/**
 * Reads a cache file of REMem's Python class `CacheOpenAI`, as keys and entries for any store. The entry of a row that
 * cannot be read is undefined. The file is opened read-only.
 * @throws {RememError} with code `INVALID_OPTION` if the file does not exist or has no such table
 */
export function* readOriginalCache(path: string): Generator<readonly [key: string, entry: string | undefined]> {
  if (!existsSync(path)) throw new RememError("INVALID_OPTION", `There is no file ${path}.`);
  const database = connect(path, { readOnly: true, busyMs: BUSY_MS });
  try {
    let rows: Iterable<unknown>;
    try {
      rows = rowsOf(database.prepare(`SELECT key, ${PYTHON_COLUMNS} FROM cache WHERE key IS NOT NULL`));
    } catch (cause) {
      const problem = `${path} is not a cache file of CacheOpenAI: it has no table cache (key, message, metadata).`;
      throw new RememError("INVALID_OPTION", problem, { cause });
    }
    for (const row of rows as Iterable<PythonRow & { readonly key: string }>) {
      yield [row.key, entryOfRow(row.key, row)];
    }
  } finally {
    database.close();
  }
}

/** The result of an export. */
export interface ExportCount {
  /** Rows that were written. */
  readonly written: number;
  /** Keys that the file had already. Their rows are unchanged. */
  readonly kept: number;
  /** Values that are not entries of remem, are damaged or have expired. */
  readonly skipped: number;
}

/**
 * Adds entries to a cache file for REMem's Python class `CacheOpenAI`, and creates the file if it does not exist.
 * Python finds only the entries whose key it computes itself: requests with no members but messages, model, seed,
 * temperature and `response_format`, from a client without a scope.
 */
export async function writeOriginalCache(path: string, entries: AsyncIterable<StoredEntry>): Promise<ExportCount> {
  createPrivateFile(path);
  const database = connect(path, { busyMs: BUSY_MS });
  const count = { written: 0, kept: 0, skipped: 0 };
  let batch: StoredEntry[] = [];
  try {
    database.exec(PYTHON_TABLE);
    const insert = database.prepare("INSERT OR IGNORE INTO cache (key, message, metadata) VALUES (?, ?, ?)");
    function flush(): void {
      transaction(database, () => {
        for (const [key, value, sidecar] of batch) {
          const entry = decodeEntry<ChatCompletion, ChatRequest>(value, sidecar);
          const isServed = entry?.key === key && (entry.expiresAt ?? Number.POSITIVE_INFINITY) > Date.now();
          const row = isServed ? rowOfEntry(entry) : undefined;
          if (row === undefined) count.skipped += 1;
          else if (insert.run(key, ...row).changes === 0) count.kept += 1;
          else count.written += 1;
        }
      });
      batch = [];
    }
    for await (const entry of entries) {
      if (isReservedKey(entry[0])) continue;
      batch.push(entry);
      if (batch.length >= BATCH) flush();
    }
    flush();
    return count;
  } finally {
    database.close();
  }
}
