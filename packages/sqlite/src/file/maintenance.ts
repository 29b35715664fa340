import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { busy } from "../driver/result-code.ts";
import { createHolders } from "../locks/holders.ts";
import { lockFiles } from "../locks/lock-files.ts";
import { holderOf, remove, tryAcquire } from "../locks/lock-protocol.ts";
import { run } from "../locks/steps.ts";
import { TIMINGS } from "../locks/timings.ts";
import { makeToken } from "../locks/token.ts";

/** What processes agree on, beside the file, about the file as a whole. */
export interface Maintenance {
  /**
   * Runs what one process at a time may do: make the tables, move the file away. While another process is at it, it throws
   * as SQLite does for a locked file. `isLockHeld` tells whether the lock is held: not where the lock directory cannot be used,
   * and no longer once it was taken over because this process stood still.
   */
  run<T>(work: (isLockHeld: () => boolean) => T): T;
  /** Notes for later, when the file may not tell any more, that a cache of ours is in this place. */
  markAsCache(): void;
  readonly isMarkedAsCache: boolean;
  /** Keeps a line about the file for whoever opens it next, where it is marked as a cache. */
  note(line: string): void;
  /** The line that was kept last; undefined where there is none, or it cannot be read. */
  readonly noted: string | undefined;
}

/** `<name>.locks` beside `<name>.sqlite`. */
export const lockDirectoryOf = (path: string): string => `${path.replace(/\.sqlite$/, "")}.locks`;

const LOCK = "maintenance";
const MARK = "cache";

export function createMaintenance(path: string): Maintenance {
  const directory = lockDirectoryOf(path);
  const mark = join(directory, MARK);
  const files = lockFiles(directory);
  const holders = createHolders(files, TIMINGS);

  function makeDirectory(): void {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
  function makeMark(): void {
    makeDirectory();
    closeSync(openSync(mark, "wx", 0o600));
  }
  function acquire(): string | undefined {
    const mine = makeToken();
    const isMine = ifUsable(() => {
      makeDirectory();
      const acquiring = tryAcquire(LOCK, mine, (holder) => holders.isOver(LOCK, holder));
      return run(acquiring, files);
    });
    if (isMine === false) throw busy(`another process holds ${join(directory, LOCK)}`);
    return isMine && mine;
  }

  return {
    run(work) {
      const mine = acquire();
      try {
        return work(() => mine !== undefined && ifUsable(() => run(holderOf(LOCK), files)) === mine);
      } finally {
        // Where this fails, the lock ends with its lease.
        if (mine !== undefined) ifUsable(() => run(remove(LOCK, mine), files));
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

/** Windows has none, and needs a right to make one. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/** In place, which costs a tenth of a new file. The line twice: who reads meanwhile finds two that differ. */
function overwrite(path: string, line: string): void {
  const file = openSync(path, constants.O_WRONLY | NO_FOLLOW);
  try {
    writeSync(file, `${line}\n${line}\n`);
  } finally {
    closeSync(file);
  }
}

/** Undefined where the lock directory cannot be used. */
function ifUsable<T>(operation: () => T): T | undefined {
  try {
    return operation();
  } catch {
    return undefined;
  }
}
