import type { BigIntStats } from "node:fs";
import { ResultCode } from "../driver/result-code.ts";
import { identityOf, permanentIdentityOf, tryStat } from "../file/file-identity.ts";
import type { Maintenance } from "../file/maintenance.ts";
import { removeJournal, removeStaleWal } from "./foreign-journal.ts";
import { hasContent, realPathOf } from "./journals.ts";
import { isSoundWithoutJournals } from "./sound-copy.ts";
import { WAL_HEADER_BYTES } from "./wal-fits.ts";

/**
 * Whose the journals at a path are. SQLite takes those that lie there, and so plays what was written to one file into
 * another that was put in its place. A note in the lock directory says which file and which `-wal` belong together, and
 * what is not known to be another's is trusted.
 */
export interface JournalOwner {
  /** Whether there is a `-wal` of a file that was at the path before. */
  hasForeignWal(): boolean;
  /**
   * Before SQLite looks at the file: parts it from journals that are not its own. Gives the file's identity, of before.
   * @throws what SQLite throws where another process is at it, or where a directory cannot be written to
   */
  separate(): string | undefined;
  /** Notes whose the journals are, once SQLite has looked at the file that had the identity `openedIdentity`. */
  record(openedIdentity: string | undefined): void;
  /** After a write, which may have carried a part of the `-wal` into the file: notes how that is now. */
  refresh(): void;
}

type Mismatch = "another's -wal" | "another's -journal" | "overwritten";

const NO_WAL = "-";

export function journalOwner(path: string, maintenance: Maintenance): JournalOwner {
  let real = path;
  let recorded: { readonly file: string; readonly wal: string } | undefined;
  let stamp: string | undefined;

  function findMismatch(file: BigIntStats | undefined): Mismatch | undefined {
    real = realPathOf(path);
    const wal = tryStat(`${real}-wal`);
    const hasRollback = wal === undefined && hasContent(`${real}-journal`);
    const identity = file && permanentIdentityOf(file);
    if (identity === undefined || (wal === undefined && !hasRollback)) return undefined;
    const [notedFile, notedStamp, notedWal] = maintenance.noted?.split(" ") ?? [];
    if (notedWal === undefined) return undefined;
    if (hasRollback) return identity === notedFile ? undefined : "another's -journal";
    if (wal === undefined || permanentIdentityOf(wal) !== notedWal) return undefined;
    if (identity !== notedFile) return "another's -wal";
    return wal.size > WAL_HEADER_BYTES && stampOf(file!) !== notedStamp ? "overwritten" : undefined;
  }

  function resolveMismatch(isLockHeld: () => boolean): void {
    // Another process may have been first.
    const found = findMismatch(tryStat(path));
    if (found === undefined || (found === "another's -journal" && !isSoundWithoutJournals(real))) return;
    if (found === "overwritten") {
      if (isLockHeld()) removeStaleWal(real);
      return;
    }
    try {
      if (!isLockHeld()) throw new Error("the lock directory cannot be used");
      removeJournal(real, found === "another's -wal" ? "-wal" : "-journal");
    } catch (cause) {
      const problem = `${found} lies beside ${real}, and cannot be moved away: ${(cause as Error).message}`;
      throw Object.assign(new Error(problem, { cause }), { errcode: ResultCode.READONLY });
    }
  }

  function saveStamp(first: BigIntStats | undefined): void {
    // Looked at again after each note: others make theirs, and the last must be right.
    for (let file = first; file !== undefined && recorded !== undefined; file = tryStat(path)) {
      const found = recorded.wal === NO_WAL ? NO_WAL : stampOf(file);
      if (found === stamp || permanentIdentityOf(file) !== recorded.file) return;
      stamp = found;
      maintenance.note(`${recorded.file} ${stamp} ${recorded.wal}`);
    }
  }

  return {
    hasForeignWal: () => findMismatch(tryStat(path)) === "another's -wal",
    separate() {
      recorded = undefined;
      const file = tryStat(path);
      if (findMismatch(file) !== undefined) maintenance.run(resolveMismatch);
      return file && identityOf(file);
    },
    record(openedIdentity) {
      const wal = tryStat(`${real}-wal`);
      const file = tryStat(path);
      // That the file is there still shows that the -wal is the one which the connection has.
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
