import { busy, isBusy, isDamage, ResultCode, resultCode } from "../driver/result-code.ts";
import type { EntryTable } from "../entry-table.ts";
import { type JournalOwner, journalOwner } from "../journal/journal-owner.ts";
import { fileIdentity } from "./file-identity.ts";
import { createMaintenance, type Maintenance } from "./maintenance.ts";
import { warnIfReplaceable } from "./open-database.ts";
import { type OpenTable, openTable } from "./open-table.ts";
import { createPrivateFile } from "./private-file.ts";
import { quarantine } from "./quarantine.ts";
import { readOnlyReason } from "./read-only.ts";
import { realPathOf } from "./real-path.ts";

/** A store's connection to its file. Every method is synchronous and throws SQLite's errors, including "busy". */
export interface ReopeningConnection {
  read<T>(operation: (table: EntryTable) => T): T;
  write<T>(operation: (table: EntryTable) => T): T;
  /** Counts the files used so far. Increases when the file was removed, replaced or moved aside. */
  readonly generation: number;
  /** The path without links, as it was when the file was last opened. */
  readonly realPath: string;
  close(): void;
}

interface FileOperations {
  /** Whether the file is never created, written or healed. */
  readonly readOnly: boolean;
  readonly openTable: typeof openTable;
  readonly quarantine: (path: string, maintenance: Maintenance) => boolean;
}

/** How often reads check whether the file was removed or replaced, or is writable again. */
const CHECK_MS = 1_000;
/**
 * How long to wait before checking a damaged file again that could not be moved aside: the check reads the whole file.
 */
const HEAL_PAUSE_MS = 5_000;

/** The path of a file, and the files next to it. */
interface Place {
  readonly path: string;
  readonly maintenance: Maintenance;
  readonly owner: JournalOwner;
}

function placeOf(path: string): Place {
  const maintenance = createMaintenance(path);
  return { path, maintenance, owner: journalOwner(path, maintenance) };
}

/**
 * Opens the file on demand and closes it when an operation fails, so that the next one reopens it: creating a new file
 * if it was removed, recreating dropped tables, read-only if it cannot be written. The operation that finds the file
 * damaged moves it aside, and fails.
 */
export function createReopeningConnection(path: string, operations: Partial<FileOperations> = {}): ReopeningConnection {
  const file = { readOnly: false, openTable, quarantine, ...operations };
  /** The path without links. A link may lead elsewhere later. */
  let place: Place | undefined;
  let connection: OpenTable | undefined;
  /** The identity of the file opened last. */
  let identity: string | undefined;
  let generation = 0;
  let checkedAt = 0;
  let healPausedUntil = 0;

  function read<T>(operation: (table: EntryTable) => T): T {
    // The wall clock, because reading it is faster. It may be set back.
    const now = Date.now();
    if (Math.abs(now - checkedAt) >= CHECK_MS) {
      checkedAt = now;
      if (connection?.isReadOnly || isFileReplaced()) drop();
    } else if (connection?.sharesJournal && isFileReplaced()) drop();
    try {
      connection ??= open();
      return operation(connection.table);
    } catch (error) {
      if (needsReopening(error)) drop(error);
      if (isDamage(error)) heal();
      throw error;
    }
  }
  function open(): OpenTable {
    const { path: real, maintenance, owner } = locate();
    if (!file.readOnly) createPrivateFile(real);
    if (real !== path) warnIfReplaceable(path);
    const found = fileIdentity(path);
    if (found !== identity) generation += 1;
    identity = found;
    const opened = file.openTable(real, maintenance, owner, file.readOnly);
    if (fileIdentity(path) === identity) return opened;
    opened.close();
    throw busy(`${path} was replaced while it was being opened`);
  }
  function locate(): Place {
    const real = realPathOf(path);
    if (place?.path !== real) place = placeOf(real);
    return place;
  }
  function isFileReplaced(): boolean {
    return connection !== undefined && identity !== fileIdentity(path);
  }
  function drop(error?: unknown): void {
    // Another file may get the same identity once this one is closed.
    if (isFileReplaced()) identity = undefined;
    try {
      close(error);
    } catch {
      // The connection has failed already.
    }
  }
  function heal(): void {
    const now = performance.now();
    if (now < healPausedUntil) return;
    const { path: real, maintenance } = locate();
    if (file.readOnly || readOnlyReason(real) !== undefined) return;
    try {
      if (file.quarantine(real, maintenance)) identity = undefined;
      else healPausedUntil = now + HEAL_PAUSE_MS;
    } catch (error) {
      if (!isBusy(error)) healPausedUntil = now + HEAL_PAUSE_MS;
      throw error;
    }
  }
  function close(error?: unknown): void {
    const open = connection;
    connection = undefined;
    open?.close(error);
  }

  return {
    read,
    write(operation) {
      if (isFileReplaced()) drop();
      const result = read(operation);
      place?.owner.refresh();
      return result;
    },
    get generation() {
      return generation;
    },
    get realPath() {
      return (place ?? locate()).path;
    },
    close: () => close(),
  };
}

/** Errors after which the connection is reopened. Not after a full disk: hits can still be read. */
const { ERROR, READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB } = ResultCode;
const REOPEN_AFTER: ReadonlySet<number | undefined> = new Set([ERROR, READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB]);

const needsReopening = (error: unknown): boolean => REOPEN_AFTER.has(resultCode(error));
