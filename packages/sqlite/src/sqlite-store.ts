import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type CacheStore, checkCount, checkOptions, type Flights, RememError, StoreError } from "@remem/core/plugin";
import { type BusyRetry, createBusyRetry } from "./busy-retry.ts";
import { requireSqlite } from "./driver/runtime.ts";
import type { EntryTable, HeadPage, Page } from "./entry-table.ts";
import { reasonOf } from "./file/denied.ts";
import { lockDirectoryOf } from "./file/maintenance.ts";
import { createReopeningConnection } from "./file/reopening-connection.ts";
import { fileFlights } from "./locks/file-flights.ts";
import { toStoredValue } from "./stored-value.ts";

/** The options of `sqliteStore`. */
export interface SqliteStoreOptions {
  /**
   * The file. It is created on first use, with mode 0600, and missing parent directories with 0700. A relative path is
   * resolved against the working directory at the time of this call. For a cache in memory use `memoryStore()`.
   */
  readonly path: string;
  /**
   * How long an operation waits while another connection has the file locked, in milliseconds. 30,000 by default. A read
   * of an entry waits for half a second, or 5 seconds while others write into the file: then a client asks the provider.
   */
  readonly busyMs?: number | undefined;
  /**
   * Compresses new values (zstd) if that makes them smaller: the file shrinks to a third or a half, and a read takes 1.3 to 3
   * times as long, most for small entries. False by default. Compressed and plain values are always readable, so the option can
   * be switched at any time and may differ between processes that share a file.
   */
  readonly compress?: boolean | undefined;
  /**
   * Only reads the file, which another process may write to: writes are refused, there are no flights, and nothing is
   * created or healed. For the far store of a `tieredStore`, such as a shared cache of a team or a mounted data set.
   * False by default; a file that cannot be written is only read in any case.
   */
  readonly readOnly?: boolean | undefined;
}

const name = "sqlite";
const READ_BUSY_MS = 500;
/** The longest wait of a read, while other processes write into the file. */
const LONGEST_READ_MS = 5_000;
/** The maximum size of values that wait for a locked file, as a bound of memory. */
const MAX_WAITING_CHARACTERS = 64 * 1024 * 1024;

/**
 * Creates a store in one SQLite file, for any number of processes on one machine. They coalesce identical calls through
 * lock files in `<name>.locks` next to it. Nothing is opened before the first operation. Hits are served while another
 * process writes. An operation rejects with a `StoreError` if SQLite fails or the file stays locked for longer than
 * `busyMs`; the next one reopens the file, or a new one if it was removed or is damaged.
 * @throws {RememError} with code `INVALID_OPTION`, also if the SQLite of the runtime is unsuitable
 */
export function sqliteStore(options: SqliteStoreOptions): CacheStore {
  checkSqliteOptions(options);
  requireSqlite();
  const { busyMs = 30_000, compress = false, readOnly = false } = options;
  const path = resolve(options.path);

  const file = createReopeningConnection(path, { readOnly });
  let closed = false;
  // Without a WAL, many writers together can block a read for long. They may be writing the entry that it looks for.
  const reads = createBusyRetry(
    { busyMs: Math.min(busyMs, READ_BUSY_MS), progress, longestMs: Math.min(busyMs, LONGEST_READ_MS) },
    lockTimeout,
  );
  const scans = createBusyRetry({ busyMs }, lockTimeout);
  const writes = createBusyRetry({ busyMs }, lockTimeout);
  let waitingCharacters = 0;

  /** The time of the last write into the file. */
  function progress(): unknown {
    try {
      return statSync(path, { bigint: true }).mtimeNs;
    } catch {
      return undefined;
    }
  }
  function read<T>(operation: (table: EntryTable) => T): Promise<T> {
    return run(reads, () => file.read(operation));
  }
  function scan<T>(operation: (table: EntryTable) => T): Promise<T> {
    return run(scans, () => file.read(operation));
  }
  function write<T>(operation: (table: EntryTable) => T): Promise<T> {
    return run(writes, () => file.write(operation));
  }
  function run<T>(retry: BusyRetry, attempt: () => T): Promise<T> {
    let isBusy = false;
    return retry(() => {
      if (closed) throw closedError(isBusy);
      isBusy = true;
      return attempt();
    }).catch((cause) => {
      throw toStoreError(cause);
    });
  }
  /** Reads section by section and page by page, so that others can write between two pages. */
  async function* allPages<Place, P extends { readonly last: Place | undefined }>(
    sectionsOf: (table: EntryTable) => ReadonlyArray<(place: Place | undefined) => P>,
  ): AsyncGenerator<P, void, undefined> {
    const { generation, count } = await scan((table) => ({
      generation: file.generation,
      count: sectionsOf(table).length,
    }));
    for (let section = 0; section < count; section++) {
      let place: Place | undefined;
      do {
        const page = await scan((table) => {
          if (file.generation !== generation)
            throw new Error("the file was replaced while its entries were being read");
          return sectionsOf(table)[section]!(place);
        });
        yield page;
        place = page.last;
      } while (place !== undefined);
    }
  }
  /** Writes at once, or keeps the value that waits for a locked file within a bound of memory. */
  async function writeBounded(characters: number, operation: (table: EntryTable) => void): Promise<void> {
    if (waitingCharacters > 0 && waitingCharacters + characters > MAX_WAITING_CHARACTERS) {
      throw new StoreError(
        `The store "${name}" keeps no more writes in memory for ${path}, which another connection has locked. Find the process that holds the lock.`,
        { store: name },
      );
    }
    let isWritten = false;
    const written = write((table) => {
      operation(table);
      isWritten = true;
    });
    if (isWritten) return;
    waitingCharacters += characters;
    try {
      await written;
    } finally {
      waitingCharacters -= characters;
    }
  }
  function closedError(wasBusy: boolean): StoreError {
    const problem = wasBusy ? " while another connection had the file locked" : "";
    return new StoreError(`The store "${name}" on ${path} was closed${problem}.`, {
      store: name,
      code: "STORE_CLOSED",
    });
  }
  function toStoreError(cause: unknown): StoreError {
    if (StoreError.is(cause)) return cause;
    return new StoreError(`The store "${name}" failed on ${path}: ${reasonOf(cause, path)}`, { store: name, cause });
  }
  function lockTimeout(waitedMs: number, cause: unknown): StoreError {
    return new StoreError(
      `The store "${name}" waited ${Math.round(waitedMs)} ms for ${path}, which another connection has locked. Find the process that holds the lock, or raise \`busyMs\`.`,
      { store: name, code: "STORE_BUSY", cause },
    );
  }

  return {
    specVersion: 1,
    name,
    get: (key) => read((table) => table.get(key)),
    getMany: (keys) => read((table) => table.getMany(keys)),
    set: (key, value, { sidecar, ...options } = {}) =>
      writeBounded(value.length + (sidecar?.length ?? 0), (table) =>
        table.set(key, toStoredValue(value, compress), {
          ...options,
          sidecar: sidecar === undefined ? undefined : toStoredValue(sidecar, compress),
        }),
      ),
    getSidecar: (key) => read((table) => table.getSidecar(key)),
    delete: (key) => write((table) => table.delete(key)),
    clear: () => write((table) => table.clear()),
    ...(readOnly ? { readOnly } : { flights: flightsBeside(() => file.realPath) }),
    async *entries() {
      const pages = allPages<string, Page>(({ sections }) => sections);
      for await (const { entries } of pages) yield* entries;
    },
    async *heads({ prefix = "", sampleAbove = Number.MAX_SAFE_INTEGER } = {}) {
      const pages = allPages<number, HeadPage>(({ headSections }) =>
        headSections.map((section) => (before) => section({ prefix, sampleAbove }, before)),
      );
      for await (const { heads } of pages) yield* heads;
    },
    async close() {
      closed = true;
      try {
        file.close();
      } catch (cause) {
        throw toStoreError(cause);
      } finally {
        for (const queue of [reads, scans, writes]) queue.flush();
      }
    },
  };
}

/** The flights of all processes that use the file, even if they reach it through different links. */
function flightsBeside(realPath: () => string): Flights {
  let known: { readonly directory: string; readonly flights: Flights } | undefined;
  /** A link may lead elsewhere later. */
  function current(): Flights {
    const directory = lockDirectoryOf(realPath());
    if (known?.directory !== directory) known = { directory, flights: fileFlights(directory) };
    return known.flights;
  }
  return {
    enter: async (key) => current().enter(key),
    changed: async (key, options) => current().changed(key, options),
  };
}

const KNOWN = { path: true, busyMs: true, compress: true, readOnly: true } as const satisfies Record<
  keyof SqliteStoreOptions,
  true
>;

function checkSqliteOptions(options: SqliteStoreOptions): void {
  checkOptions("sqliteStore", options, KNOWN);
  checkCount("sqliteStore", "busyMs", options.busyMs);
  const { path } = options;
  if (typeof path !== "string" || path === "" || path === ":memory:") {
    const problem = "sqliteStore: `path` must name a file. For a cache in memory use memoryStore() from @remem/core.";
    throw new RememError("INVALID_OPTION", problem);
  }
  for (const name of ["compress", "readOnly"] as const) {
    if (options[name] === undefined || typeof options[name] === "boolean") continue;
    throw new RememError("INVALID_OPTION", `sqliteStore: \`${name}\` must be true or false.`);
  }
}
