import type { BigIntStats } from "node:fs";
import { ResultCode } from "../driver/result-code.ts";
import { identityOf, lastingIdentityOf, look } from "../file/file-identity.ts";
import type { Maintenance } from "../file/maintenance.ts";
import { removeJournal, removeOverwritten } from "./foreign-journal.ts";
import { hasContent, realOf } from "./journals.ts";
import { isSoundAlone } from "./sound-copy.ts";
import { WAL_HEADER_BYTES } from "./wal-fits.ts";

/**
 * Whose the journals at a path are. SQLite takes those that lie there, and so plays what was written to one file into
 * another that was put in its place. A note in the lock directory says which file and which `-wal` belong together, and
 * what is not known to be another's is trusted.
 */
export interface JournalOwner {
  /** Whether there is a `-wal` of a file that was at the path before. */
  isAnothers(): boolean;
  /**
   * Before SQLite looks at the file: parts it from journals that are not its own. Gives the file's identity, of before.
   * @throws what SQLite throws where another process is at it, or where a directory cannot be written to
   */
  part(): string | undefined;
  /** Notes whose the journals are, once SQLite has looked at the file that had the identity `opened`. */
  bind(opened: string | undefined): void;
  /** After a write, which may have carried a part of the `-wal` into the file: notes how that is now. */
  renew(): void;
}

type Doubt = "another's -wal" | "another's -journal" | "overwritten";

const NONE = "-";

export function journalOwner(path: string, maintenance: Maintenance): JournalOwner {
  let real = path;
  let bound: { readonly file: string; readonly wal: string } | undefined;
  let content: string | undefined;

  function doubt(file: BigIntStats | undefined): Doubt | undefined {
    real = realOf(path);
    const wal = look(`${real}-wal`);
    const hasRollback = wal === undefined && hasContent(`${real}-journal`);
    const identity = file && lastingIdentityOf(file);
    if (identity === undefined || (wal === undefined && !hasRollback)) return undefined;
    const [notedFile, notedContent, notedWal] = maintenance.noted?.split(" ") ?? [];
    if (notedWal === undefined) return undefined;
    if (hasRollback) return identity === notedFile ? undefined : "another's -journal";
    if (wal === undefined || lastingIdentityOf(wal) !== notedWal) return undefined;
    if (identity !== notedFile) return "another's -wal";
    return wal.size > WAL_HEADER_BYTES && contentOf(file!) !== notedContent ? "overwritten" : undefined;
  }

  function settle(isAlone: () => boolean): void {
    // Another process may have been first.
    const found = doubt(look(path));
    if (found === undefined || (found === "another's -journal" && !isSoundAlone(real))) return;
    if (found === "overwritten") {
      if (isAlone()) removeOverwritten(real);
      return;
    }
    try {
      if (!isAlone()) throw new Error("the lock directory cannot be used");
      removeJournal(real, found === "another's -wal" ? "-wal" : "-journal");
    } catch (cause) {
      const problem = `${found} lies beside ${real}, and cannot be moved away: ${(cause as Error).message}`;
      throw Object.assign(new Error(problem, { cause }), { errcode: ResultCode.READONLY });
    }
  }

  function noteFrom(first: BigIntStats | undefined): void {
    // Looked at again after each note: others make theirs, and the last must be right.
    for (let file = first; file !== undefined && bound !== undefined; file = look(path)) {
      const found = bound.wal === NONE ? NONE : contentOf(file);
      if (found === content || lastingIdentityOf(file) !== bound.file) return;
      content = found;
      maintenance.note(`${bound.file} ${content} ${bound.wal}`);
    }
  }

  return {
    isAnothers: () => doubt(look(path)) === "another's -wal",
    part() {
      bound = undefined;
      const file = look(path);
      if (doubt(file) !== undefined) maintenance.run(settle);
      return file && identityOf(file);
    },
    bind(opened) {
      const wal = look(`${real}-wal`);
      const file = look(path);
      // That the file is there still shows that the -wal is the one which the connection has.
      if (file === undefined || identityOf(file) !== opened) return;
      const [itself, its] = [lastingIdentityOf(file), wal === undefined ? NONE : lastingIdentityOf(wal)];
      if (itself === undefined || its === undefined) return;
      bound = { file: itself, wal: its };
      content = undefined;
      noteFrom(file);
    },
    renew() {
      if (bound !== undefined && bound.wal !== NONE) noteFrom(look(path));
    },
  };
}

const contentOf = ({ size, mtimeNs }: BigIntStats): string => `${size}:${mtimeNs}`;
