import { processStatus } from "./process-status.ts";
import { type Token, thisThread, UNKNOWN_START } from "./token.ts";

/** Whether there is a lock on the file of that name; undefined where nobody can say. */
export type IsLifeLocked = (life: string) => boolean | undefined;

/**
 * Whether the thread behind a token is dead for sure: by `/proc`, else by the lock that the kernel drops with it. False also
 * where nobody can say, as of another machine: then its heartbeat tells.
 */
export function isDead({ thread, start, boot, namespace, life }: Token, isLifeLocked: IsLifeLocked): boolean {
  const here = thisThread();
  if (boot !== here.boot) return false;
  const isHere = namespace === here.namespace;
  const canCompare = isHere && start !== UNKNOWN_START && here.start !== UNKNOWN_START;
  const status = canCompare ? processStatus(thread) : undefined;
  if (status !== undefined) return status.start !== start || "ZX".includes(status.state);
  const lives = isLifeLocked(life);
  // The last is for other systems than Linux, and for a /proc that hides processes.
  return lives === undefined ? isHere && !exists(thread) : !lives;
}

function exists(thread: number): boolean {
  try {
    return process.kill(thread, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
