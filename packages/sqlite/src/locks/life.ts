import type { LifeLock } from "./life-lock.ts";
import type { LockFiles } from "./lock-files.ts";
import { randomLife } from "./token.ts";

/** The life file of this thread in a lock directory: one for all locks that it holds, as long as it holds any. */
export interface Life {
  /**
   * Returns the name of the file without its dot. If no file can be created, the heartbeat alone shows that the thread
   * is alive.
   */
  acquire(): string;
  release(): void;
}

/** Whether a file in a lock directory is a life file. */
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
      // The directory no longer exists: the caller creates it and retries.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
      name = randomLife(); // A name without a file: an unlocked file would mean that this thread is dead.
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
        // A file that is left behind is swept later.
      }
      lock = undefined;
    },
  };
}
