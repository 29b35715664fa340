import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { closeAfterError, connect } from "../driver/connect.ts";
import { hasWalResetFix } from "../driver/node-sqlite.ts";
import { busy } from "../driver/result-code.ts";
import { transaction } from "../driver/transaction.ts";
import type { JournalOwner } from "../journal/journal-owner.ts";
import { fileIdentity } from "./file-identity.ts";
import type { Maintenance } from "./maintenance.ts";
import { networkFileSystem } from "./network-file-system.ts";
import { hasOnlyCacheTables, hasSchema, makeSchema } from "./schema.ts";

/**
 * The page size of new files. No other entry can use the rest of an entry's last page: for entries of mixed lengths the
 * file takes 1.06 times their bytes, against 1.10 with pages of 4 KiB and 1.22 with 16 KiB. A read of 24 KB takes some
 * 5 us longer than with pages of 16 KiB.
 */
export const PAGE_BYTES = 2_048;

export interface OpenDatabase {
  readonly database: DatabaseSync;
  readonly isInWalMode: boolean;
}

/** Properties of the machine and of its Node. */
export interface Host {
  readonly hasWalResetFix: typeof hasWalResetFix;
  readonly networkFileSystem: typeof networkFileSystem;
}

/** Opens the file and creates our tables if they are missing. Throws SQLite's errors, including "busy". */
export function openDatabase(
  path: string,
  maintenance: Maintenance,
  owner: JournalOwner,
  host: Host = { hasWalResetFix, networkFileSystem },
): OpenDatabase {
  const identity = owner.separate();
  const database = connect(path);
  try {
    // SQLite opens the file now and its journals with the first read, so the file must still be the one that was
    // checked.
    if (fileIdentity(path) !== identity) throw busy(`${path} was replaced while it was being opened`);
    warnIfReplaceable(path);
    const network = host.networkFileSystem(statfsSync(dirname(path)).type);
    if (network !== undefined) warn("REMEM_SQLITE_NETWORK", networkWarning(path, network));
    const walIsSafe = host.hasWalResetFix(String(valueFrom(database, "SELECT sqlite_version()")));
    const isInitialized = hasSchema(database, path);
    if (isInitialized && !maintenance.isMarkedAsCache && hasOnlyCacheTables(database)) maintenance.markAsCache();
    owner.record(identity);
    if (!isInitialized) {
      maintenance.run(() => {
        if (valueFrom(database, "PRAGMA page_count") === 0)
          configureNewFile(database, network === undefined && walIsSafe);
        transaction(database, () => {
          // Checked again: another process may have been first.
          if (!hasSchema(database, path)) makeSchema(database);
        });
        if (hasOnlyCacheTables(database)) maintenance.markAsCache();
        owner.record(identity); // A new file gets its journal only now.
      });
    }
    const isInWalMode = valueFrom(database, "PRAGMA journal_mode") === "wal";
    if (isInWalMode && !walIsSafe) warn("REMEM_SQLITE_WAL", unsafeWalWarning(path));
    database.exec("PRAGMA synchronous = NORMAL");
    return { database, isInWalMode };
  } catch (error) {
    closeAfterError(error, database);
    throw error;
  }
}

/** Warns if every user can replace the file, or the link that leads to it. */
export function warnIfReplaceable(path: string): void {
  if (isWorldWritable(dirname(path))) warn("REMEM_SQLITE_OPEN_DIRECTORY", worldWritableWarning(path));
}

/** With the sticky bit, as in /tmp, users cannot replace each other's files. Windows has no such modes. */
function isWorldWritable(directory: string): boolean {
  const { mode } = statSync(directory);
  return process.platform !== "win32" && (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
}

/** Applies to new files only. An existing file keeps the settings of its creator. */
function configureNewFile(database: DatabaseSync, inWalMode: boolean): void {
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  if (inWalMode) database.exec("PRAGMA journal_mode = WAL");
}

function valueFrom(database: DatabaseSync, sql: string): unknown {
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

const warned = new Set<string>();

/** Emits each warning once per process. */
function warn(code: string, message: string): void {
  if (warned.has(code)) return;
  warned.add(code);
  process.emitWarning(message, { type: "RememWarning", code });
}

const worldWritableWarning = (path: string): string =>
  `Every user of this machine can write to the directory of ${path}, and so put answers into the cache. Revoke the permission: chmod o-w.`;

const unsafeWalWarning = (path: string): string =>
  `${path} is in WAL mode, and the SQLite of this Node (${process.version}) has a bug that can damage such a file when several processes write. Update Node.`;

const networkWarning = (path: string, kind: string): string =>
  `${path} is on a network file system (${kind}), where SQLite's locks are unreliable: several hosts that write to it can damage it. Use a local disk, or Redis to share answers between hosts.`;
