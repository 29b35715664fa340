import type { BigIntStats } from "node:fs";
import { ResultCode } from "../driver/result-code.ts";
import { identityOf, permanentIdentityOf, tryStat } from "../file/file-identity.ts";
import type { Maintenance } from "../file/maintenance.ts";
import { removeJournal, removeStaleWal } from "./foreign-journal.ts";
import { hasContent } from "./journals.ts";
import { isSoundWithoutJournals } from "./sound-copy.ts";
import { WAL_HEADER_BYTES } from "./wal-fits.ts";

/**
 * Keeps a file apart from the journals of a file that was at its path before. SQLite applies any journal that it finds, and so
 * writes the changes of one file into another that replaced it. A note in the lock directory records which file and which
 * `-wal` belong together. A journal is trusted unless the note shows that it is foreign.
 */
export interface JournalOwner {
  /** Whether the `-wal` belongs to a file that was at the path before. */
  hasForeignWal(): boolean;
  /**
   * Moves foreign journals aside. To be called before SQLite opens the file. Returns the identity that the file had
   * before.
   * @throws an error as SQLite's "busy" if another process is doing so, or as its "read-only" if the journals cannot be
   * moved
   */
  separate(): string | undefined;
  /**
   * Records which `-wal` belongs to the file. To be called once SQLite has read the file with the identity
   * `openedIdentity`.
   */
  record(openedIdentity: string | undefined): void;
  /** Updates the note after a write, which may have checkpointed part of the `-wal` into the file. */
  refresh(): void;
}

type Mismatch = "foreign -wal" | "foreign -journal" | "overwritten";

const NO_WAL = "-";

export function journalOwner(path: string, maintenance: Maintenance): JournalOwner {
  let recorded: { readonly file: string; readonly wal: string } | undefined;
  let stamp: string | undefined;

  function findMismatch(file: BigIntStats | undefined): Mismatch | undefined {
    const wal = tryStat(`${path}-wal`);
    const hasRollback = wal === undefined && hasContent(`${path}-journal`);
    const identity = file && permanentIdentityOf(file);
    if (identity === undefined || (wal === undefined && !hasRollback)) return undefined;
    const [notedFile, notedStamp, notedWal] = maintenance.noted?.split(" ") ?? [];
    if (notedWal === undefined) return undefined;
    if (hasRollback) return identity === notedFile ? undefined : "foreign -journal";
    if (wal === undefined || permanentIdentityOf(wal) !== notedWal) return undefined;
    if (identity !== notedFile) return "foreign -wal";
    return wal.size > WAL_HEADER_BYTES && stampOf(file!) !== notedStamp ? "overwritten" : undefined;
  }

  function resolveMismatch(isLockHeld: () => boolean): void {
    // Checked again: another process may have been first.
    const found = findMismatch(tryStat(path));
    if (found === undefined || (found === "foreign -journal" && !isSoundWithoutJournals(path))) return;
    if (found === "overwritten") {
      if (isLockHeld()) removeStaleWal(path);
      return;
    }
    try {
      if (!isLockHeld()) throw new Error("the lock directory cannot be used");
      removeJournal(path, found === "foreign -wal" ? "-wal" : "-journal");
    } catch (cause) {
      const problem = `${path} was replaced, and the ${found} next to it cannot be moved aside: ${(cause as Error).message}`;
      throw Object.assign(new Error(problem, { cause }), { errcode: ResultCode.READONLY });
    }
  }

  function saveStamp(first: BigIntStats | undefined): void {
    // Checked again after each note: other processes write theirs too, and the last one must be right.
    for (let file = first; file !== undefined && recorded !== undefined; file = tryStat(path)) {
      const found = recorded.wal === NO_WAL ? NO_WAL : stampOf(file);
      if (found === stamp || permanentIdentityOf(file) !== recorded.file) return;
      stamp = found;
      maintenance.note(`${recorded.file} ${stamp} ${recorded.wal}`);
    }
  }

  return {
    hasForeignWal: () => findMismatch(tryStat(path)) === "foreign -wal",
    separate() {
      recorded = undefined;
      const file = tryStat(path);
      if (findMismatch(file) !== undefined) maintenance.run(resolveMismatch);
      return file && identityOf(file);
    },
    record(openedIdentity) {
      const wal = tryStat(`${path}-wal`);
      const file = tryStat(path);
      // As the file has not been replaced, the -wal is the one that the connection uses.
      if (file === undefined || identityOf(file) !== openedIdentity) return;
      const [fileIdentity, walIdentity] = [
        permanentIdentityOf(file),
        wal === undefined ? NO_WAL : permanentIdentityOf(wal),
      ];
      if (fileIdentity === undefined || walIdentity === undefined) return;
      recorded = { file: fileIdentity, wal: walIdentity };
      stamp = undefined;
      saveStamp(file);
    },
    refresh() {
      if (recorded !== undefined && recorded.wal !== NO_WAL) saveStamp(tryStat(path));
    },
  };
}

const stampOf = ({ size, mtimeNs }: BigIntStats): string => `${size}:${mtimeNs}`;
