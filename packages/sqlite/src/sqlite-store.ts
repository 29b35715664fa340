import { resolve } from "node:path";
import { type CacheStore, checkCount, checkOptions, RememError, StoreError } from "@remem/core";
import { type BusyRetry, createBusyRetry } from "./busy-retry.ts";
import type { EntryTable } from "./entry-table.ts";
import { lockDirectoryOf } from "./file/maintenance.ts";
import { createReopeningConnection } from "./file/reopening-connection.ts";
import { fileFlights } from "./locks/file-flights.ts";
import { toStoredValue } from "./stored-value.ts";

export interface SqliteStoreOptions {
  /**
   * The file, made at the first use together with the directories above it: 0600 and 0700. A relative path is taken from
   * the working directory at the time of this call. For a cache in memory there is `memoryStore()`.
   */
  readonly path: string;
  /** How long an operation waits while another connection holds the file locked, in milliseconds. 30,000 by default. */
  readonly busyMs?: number;
  /**
   * Keeps what is written compressed (zstd), where that is smaller: a file shrinks to a third or a half, and a read takes
   * 1.3 to 3 times as long, the smaller the entry the more. False by default. Both kinds are always read, so it can be
   * switched at any time, and differ between processes on one file.
   */
  readonly compress?: boolean;
}

const name = "sqlite";

/**
 * A store in one SQLite file, for any number of processes on one machine, which make one call out of equal ones by lock
 * files in `<name>.locks` beside it. Nothing is opened before the first operation.
 * Hits are served while another process writes. A backend that fails, and a file locked for longer than `busyMs`, reject
 * with a `StoreError`; the next operation begins anew, on another file where this one was removed or is damaged.
 */
export function sqliteStore(options: SqliteStoreOptions): CacheStore {
  checkSqliteOptions(options);
  const { busyMs = 30_000, compress = false } = options;
  const path = resolve(options.path);

  const file = createReopeningConnection(path);
  let closed = false;
  // Apart, so that reads, which a writer seldom hinders, do not wait behind writes, which it does.
  const reads = createBusyRetry(busyMs, lockTimeout);
  const writes = createBusyRetry(busyMs, lockTimeout);

  function read<T>(operation: (table: EntryTable) => T): Promise<T> {
    return run(reads, () => file.read(operation));
  }
  function write<T>(operation: (table: EntryTable) => T): Promise<T> {
    return run(writes, () => file.write(operation));
  }
  function run<T>(retry: BusyRetry, attempt: () => T): Promise<T> {
    return retry(() => {
      if (closed) throw closedError();
      return attempt();
    }).catch((cause) => {
      throw toStoreError(cause);
    });
  }
  function closedError(): StoreError {
    return new StoreError(`The store "${name}" on ${path} was closed.`, { store: name, code: "STORE_CLOSED" });
  }
  function toStoreError(cause: unknown): StoreError {
    if (StoreError.is(cause)) return cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new StoreError(`The store "${name}" failed on ${path}: ${reason}`, { store: name, cause });
  }
  function lockTimeout(waitedMs: number, cause: unknown): StoreError {
    return new StoreError(
      `The store "${name}" waited ${Math.round(waitedMs)} ms for ${path}, which another connection keeps locked. Find the process that holds it, or allow more time with \`busyMs\`.`,
      { store: name, cause },
    );
  }

  return {
    specVersion: 1,
    name,
    get: (key) => read((table) => table.get(key)),
    getMany: (keys) => read((table) => table.getMany(keys)),
    set: (key, value, options) => write((table) => table.set(key, toStoredValue(value, compress), options)),
    delete: (key) => write((table) => table.delete(key)),
    clear: () => write((table) => table.clear()),
    flights: fileFlights(lockDirectoryOf(path)),
    async *entries() {
      const { generation, count } = await read(({ sections }) => ({
        generation: file.generation,
        count: sections.length,
      }));
      for (let section = 0; section < count; section++) {
        let after: string | undefined;
        do {
          const page = await read(({ sections }) => {
            if (file.generation !== generation) throw new Error("the file was replaced while its entries were read");
            return sections[section]!(after);
          });
          yield* page.entries;
          after = page.last;
        } while (after !== undefined);
      }
    },
    async close() {
      closed = true;
      try {
        file.close();
      } catch (cause) {
        throw toStoreError(cause);
      }
    },
  };
}

const KNOWN = { path: true, busyMs: true, compress: true } as const satisfies Record<keyof SqliteStoreOptions, true>;

function checkSqliteOptions(options: SqliteStoreOptions): void {
  checkOptions("sqliteStore", options, KNOWN);
  checkCount("sqliteStore", "busyMs", options.busyMs);
  const { path, compress } = options;
  if (typeof path !== "string" || path === "" || path === ":memory:") {
    const problem = "sqliteStore: `path` must name a file. For a cache in memory use memoryStore() of @remem/core.";
    throw new RememError("INVALID_OPTION", problem);
  }
  if (compress !== undefined && typeof compress !== "boolean") {
    throw new RememError("INVALID_OPTION", "sqliteStore: `compress` must be true or false.");
  }
}
