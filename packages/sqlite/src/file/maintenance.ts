import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { busy } from "../driver/result-code.ts";
import { createHolders } from "../locks/holders.ts";
import { createLife } from "../locks/life.ts";
import { lockFiles } from "../locks/lock-files.ts";
import { holderOf, remove, tryAcquire } from "../locks/lock-protocol.ts";
import { run } from "../locks/steps.ts";
import { TIMINGS } from "../locks/timings.ts";
import { makeToken } from "../locks/token.ts";

/**
 * Coordinates the processes that use a file: a lock on the file as a whole, and a note about it. Both are kept next to
 * it.
 */
export interface Maintenance {
  /**
   * Runs work that only one process at a time may do: creating the tables, moving the file aside. While another process
   * holds the lock, it throws as SQLite does for a locked file. The work also runs without the lock if the lock
   * directory cannot be used; `isLockHeld()` is false then, and once another process took the lock over because this
   * one was suspended.
   */
  run<T>(work: (isLockHeld: () => boolean) => T): T;
  /** Records that this path holds a cache of ours, for when the file is too damaged to tell. */
  markAsCache(): void;
  readonly isMarkedAsCache: boolean;
  /** Saves a line about the file for the next process that opens it, if the path is marked as a cache. */
  note(line: string): void;
  /** The line saved last. Undefined if there is none, or it cannot be read. */
  readonly noted: string | undefined;
}

/** `<name>.locks` next to `<name>.sqlite`. */
export const lockDirectoryOf = (path: string): string => `${path.replace(/\.sqlite$/, "")}.locks`;

const LOCK = "maintenance";
const MARK = "cache";

export function createMaintenance(path: string): Maintenance {
  const directory = lockDirectoryOf(path);
  const mark = join(directory, MARK);
  const files = lockFiles(directory);
  const holders = createHolders(files, TIMINGS);
  const life = createLife(files);

  function makeDirectory(): void {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
  function makeMark(): void {
    makeDirectory();
    closeSync(openSync(mark, "wx", 0o600));
  }
  function acquire(): string | undefined {
    const mine = ifUsable(() => {
      makeDirectory();
      return makeToken(life.acquire());
    });
    if (mine === undefined) return undefined;
    const isMine = ifUsable(() =>
      run(
        tryAcquire(LOCK, mine, (holder) => holders.isOver(LOCK, holder)),
        files,
      ),
    );
    if (isMine) return mine;
    life.release();
    if (isMine === false) throw busy(`another process holds ${join(directory, LOCK)}`);
    return undefined;
  }
  /** If this fails, the lock expires with its lease. */
  function release(mine: string): void {
    ifUsable(() => run(remove(LOCK, mine), files));
    life.release();
  }

  return {
    run(work) {
      const mine = acquire();
      try {
        return work(() => mine !== undefined && ifUsable(() => run(holderOf(LOCK), files)) === mine);
      } finally {
        if (mine !== undefined) release(mine);
      }
    },
    markAsCache: () => ifUsable(makeMark),
    get isMarkedAsCache() {
      return existsSync(mark);
    },
    note: (line) => ifUsable(() => overwrite(mark, line)),
    get noted() {
      const lines = ifUsable(() => readFileSync(mark, "latin1").split("\n", 2));
      return lines?.[0] === lines?.[1] ? lines?.[0] : undefined;
    },
  };
}

/** Windows has no such flag, and requires a privilege to create a link. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/**
 * Writes in place, ten times faster than a new file. The line is written twice, so a concurrent reader detects a torn
 * write.
 */
function overwrite(path: string, line: string): void {
  const file = openSync(path, constants.O_WRONLY | NO_FOLLOW);
  try {
    writeSync(file, `${line}\n${line}\n`);
  } finally {
    closeSync(file);
  }
}

/** Returns undefined if the lock directory cannot be used. */
function ifUsable<T>(operation: () => T): T | undefined {
  try {
    return operation();
  } catch {
    return undefined;
  }
}
