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
 * Of the files that we make. An entry leaves the rest of its last page to nobody: of spread lengths a file takes 1.06 times
 * their bytes, with pages of 4 KiB 1.10, of 16 KiB 1.22. A read of 24 KB takes some 5 us more than with the latter.
 */
export const PAGE_BYTES = 2_048;

export interface OpenDatabase {
  readonly database: DatabaseSync;
  readonly isInWalMode: boolean;
}

/** What the machine and its Node offer. */
export interface Host {
  readonly hasWalResetFix: typeof hasWalResetFix;
  readonly networkFileSystem: typeof networkFileSystem;
}

/** The file with our tables in it, made where they are missing. Throws what SQLite throws: also when it is busy. */
export function openDatabase(
  path: string,
  maintenance: Maintenance,
  owner: JournalOwner,
  host: Host = { hasWalResetFix, networkFileSystem },
): OpenDatabase {
  const identity = owner.separate();
  const database = connect(path);
  try {
    // SQLite opens the file at once and its journals with the first read: now what was parted still is.
    if (fileIdentity(path) !== identity) throw busy(`${path} was replaced while it was opened`);
    if (isWorldWritable(dirname(path))) warn("REMEM_SQLITE_OPEN_DIRECTORY", worldWritableWarning(path));
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
          // Looked at once more: another process may have been first.
          if (!hasSchema(database, path)) makeSchema(database);
        });
        if (hasOnlyCacheTables(database)) maintenance.markAsCache();
        owner.record(identity); // A new file has its journal only now.
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

/** Where the sticky bit is set, as in /tmp, nobody can replace what is another's. Windows has no such modes. */
function isWorldWritable(directory: string): boolean {
  const { mode } = statSync(directory);
  return process.platform !== "win32" && (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
}

/** Of a new file; that of an existing one is its maker's choice. */
function configureNewFile(database: DatabaseSync, inWalMode: boolean): void {
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  if (inWalMode) database.exec("PRAGMA journal_mode = WAL");
}

function valueFrom(database: DatabaseSync, sql: string): unknown {
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

const warned = new Set<string>();

/** Once a process. */
function warn(code: string, message: string): void {
  if (warned.has(code)) return;
  warned.add(code);
  process.emitWarning(message, { type: "RememWarning", code });
}

const worldWritableWarning = (path: string): string =>
  `Everybody on this machine may write to the directory of ${path}, and so put answers into the cache. Take that right away: chmod o-w.`;

const unsafeWalWarning = (path: string): string =>
  `${path} is in WAL mode, and the SQLite of this Node (${process.version}) has a bug that can damage such a file when several processes write. Update Node.`;

const networkWarning = (path: string, kind: string): string =>
  `${path} is on a network file system (${kind}), where SQLite's locks cannot be relied on: several hosts that write to it can damage it. Use a local disk, or Redis to share answers between hosts.`;
