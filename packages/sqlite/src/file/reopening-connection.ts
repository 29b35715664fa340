import { busy, isBusy, isDamage, ResultCode, resultCode } from "../driver/result-code.ts";
import type { EntryTable } from "../entry-table.ts";
import { journalOwner } from "../journal/journal-owner.ts";
import { fileIdentity } from "./file-identity.ts";
import { createMaintenance, type Maintenance } from "./maintenance.ts";
import { type OpenTable, openTable } from "./open-table.ts";
import { createPrivateFile } from "./private-file.ts";
import { quarantine } from "./quarantine.ts";

/** The file as one store uses it. Everything is synchronous and throws what SQLite throws: also when it is busy. */
export interface ReopeningConnection {
  read<T>(operation: (table: EntryTable) => T): T;
  write<T>(operation: (table: EntryTable) => T): T;
  /** How many files there have been: another one, once the last was removed, replaced or moved away. */
  readonly generation: number;
  close(): void;
}

interface FileOperations {
  readonly openTable: typeof openTable;
  readonly quarantine: (path: string, maintenance: Maintenance) => boolean;
}

/** For how long hits may come from a file that is gone from its path, or only be read though it can be written again. */
const CHECK_MS = 1_000;
/** A file that looks damaged and could not be moved away is not looked at before: the look reads it from end to end. */
const HEAL_PAUSE_MS = 5_000;

/**
 * Opens the file when it is needed, and lets go of it when it fails: the next operation begins anew, with a new file where
 * it was removed, with its tables made again where somebody has dropped them, reading alone where that is all that can be
 * done. A damaged file is moved out of the way by the operation that finds it so, and which fails.
 */
export function createReopeningConnection(path: string, operations: Partial<FileOperations> = {}): ReopeningConnection {
  const file = { openTable, quarantine, ...operations };
  const maintenance = createMaintenance(path);
  const owner = journalOwner(path, maintenance);
  let connection: OpenTable | undefined;
  /** Of the file that is open or was last. */
  let identity: string | undefined;
  let generation = 0;
  let checkedAt = 0;
  let healPausedUntil = 0;

  function read<T>(operation: (table: EntryTable) => T): T {
    // The wall clock, which is read faster, and may be set back.
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
    createPrivateFile(path);
    const found = fileIdentity(path);
    if (found !== identity) generation += 1;
    identity = found;
    const opened = file.openTable(path, maintenance, owner);
    if (fileIdentity(path) === identity) return opened;
    opened.close();
    throw busy(`${path} was replaced while it was opened`);
  }
  function isFileReplaced(): boolean {
    return connection !== undefined && identity !== fileIdentity(path);
  }
  function drop(error?: unknown): void {
    // Another file may get the same identity, once this one is closed.
    if (isFileReplaced()) identity = undefined;
    try {
      close(error);
    } catch {
      // It has failed before.
    }
  }
  function heal(): void {
    const now = performance.now();
    if (now < healPausedUntil) return;
    try {
      if (file.quarantine(path, maintenance)) identity = undefined;
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
      owner.refresh();
      return result;
    },
    get generation() {
      return generation;
    },
    close: () => close(),
  };
}

/** After these a connection is better opened anew. A full disk is none of them: hits are still read. */
const { ERROR, READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB } = ResultCode;
const REOPEN_AFTER: ReadonlySet<number | undefined> = new Set([ERROR, READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB]);

const needsReopening = (error: unknown): boolean => REOPEN_AFTER.has(resultCode(error));
