import { resolve } from "node:path";
import { type CacheStore, checkCount, checkOptions, RememError, StoreError } from "@remem/core";
import { type BusyLane, busyLane } from "./busy-lane.ts";
import { openDatabase } from "./database.ts";
import { type EntryTable, entryTable } from "./entry-table.ts";
import { withOriginalRows } from "./original-rows.ts";

export interface SqliteStoreOptions {
  /**
   * The file, made at the first use together with the directories above it: 0600 and 0700. A relative path is taken from
   * the working directory at the time of this call. For a cache in memory there is `memoryStore()`.
   */
  readonly path: string;
  /** How long an operation waits while another connection holds the file locked, in milliseconds. 30,000 by default. */
  readonly busyMs?: number;
}

const name = "sqlite";

/**
 * A store in one SQLite file, for any number of processes on one machine. Nothing is opened before the first operation.
 * Hits are served while another process writes. A backend that fails, and a file locked for longer than `busyMs`, reject
 * with a `StoreError`; an opening that failed is tried again by the next operation.
 */
export function sqliteStore(options: SqliteStoreOptions): CacheStore {
  checkSqliteOptions(options);
  const { busyMs = 30_000 } = options;
  const path = resolve(options.path);

  let table: EntryTable | undefined;
  let closed = false;
  // Apart, so that reads, which a writer seldom hinders, do not wait behind writes, which it does.
  const reads = busyLane(busyMs, lockedTooLong);
  const writes = busyLane(busyMs, lockedTooLong);

  function open(): EntryTable {
    if (closed)
      throw new StoreError(`The store "${name}" on ${path} was closed.`, { store: name, code: "STORE_CLOSED" });
    table ??= openTable(path);
    return table;
  }
  function run<T>(lane: BusyLane, operation: (table: EntryTable) => T): Promise<T> {
    return lane(() => operation(open())).catch((cause) => {
      throw asStoreError(cause);
    });
  }
  function asStoreError(cause: unknown): StoreError {
    if (StoreError.is(cause)) return cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new StoreError(`The store "${name}" failed on ${path}: ${reason}`, { store: name, cause });
  }
  function lockedTooLong(waitedMs: number, cause: unknown): StoreError {
    return new StoreError(
      `The store "${name}" waited ${Math.round(waitedMs)} ms for ${path}, which another connection keeps locked. Find the process that holds it, or allow more time with \`busyMs\`.`,
      { store: name, cause },
    );
  }

  return {
    specVersion: 1,
    name,
    get: (key) => run(reads, (table) => table.get(key)),
    getMany: (keys) => run(reads, (table) => table.getMany(keys)),
    set: (key, value, options) => run(writes, (table) => table.set(key, value, options)),
    delete: (key) => run(writes, (table) => table.delete(key)),
    clear: () => run(writes, (table) => table.clear()),
    async *entries() {
      const { length } = await run(reads, ({ sections }) => sections);
      for (let section = 0; section < length; section++) {
        let after: string | undefined;
        do {
          const page = await run(reads, ({ sections }) => sections[section]!(after));
          yield* page.entries;
          after = page.last;
        } while (after !== undefined);
      }
    },
    async close() {
      closed = true;
      const open = table;
      table = undefined;
      try {
        open?.close();
      } catch (cause) {
        throw asStoreError(cause);
      }
    },
  };
}

function openTable(path: string): EntryTable {
  const database = openDatabase(path);
  try {
    return withOriginalRows(database, entryTable(database));
  } catch (error) {
    database.close();
    throw error;
  }
}

const KNOWN = { path: true, busyMs: true } as const satisfies Record<keyof SqliteStoreOptions, true>;

function checkSqliteOptions(options: SqliteStoreOptions): void {
  checkOptions("sqliteStore", options, KNOWN);
  checkCount("sqliteStore", "busyMs", options.busyMs);
  const { path } = options;
  if (typeof path !== "string" || path === "" || path === ":memory:") {
    const problem = "sqliteStore: `path` must name a file. For a cache in memory use memoryStore() of @remem/core.";
    throw new RememError("INVALID_OPTION", problem);
  }
}
