import type { LifeLock } from "./life-lock.ts";
import type { LockFiles } from "./lock-files.ts";
import { randomLife } from "./token.ts";

/** The life file of all locks that this thread holds in a directory: there is one as long as it holds any. */
export interface Life {
  /** The file's name without its dot, also where none can be made: then the heartbeat alone tells. */
  acquire(): string;
  release(): void;
}

/** Whether a file in a lock directory is one of these. */
export const isLifeFile = (name: string): boolean => /^\.[0-9a-f]{8}$/.test(name);

export function createLife(files: Pick<LockFiles, "lockLife">): Life {
  let holders = 0;
  let name = "";
  let lock: LifeLock | undefined;

  function create(): void {
    name = randomLife();
    try {
      lock = files.lockLife(name);
    } catch (error) {
      // Where the directory is gone it has to be made first.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
      name = randomLife(); // Of no file: one that is there without a lock would say that this thread is dead.
    }
  }
  return {
    acquire() {
      if (holders === 0) create();
      holders += 1;
      return name;
    },
    release() {
      holders -= 1;
      if (holders > 0) return;
      try {
        lock?.release();
      } catch {
        // A file that stays is swept later.
      }
      lock = undefined;
    },
  };
}
