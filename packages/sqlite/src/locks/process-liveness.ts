import { processStatus } from "./process-status.ts";
import { type Token, thisThread, UNKNOWN_START } from "./token.ts";

/** Whether a life file is locked; undefined if that is unknown. */
export type IsLifeLocked = (life: string) => boolean | undefined;

export type IsDead = (token: Token) => boolean;

/** How many life files are remembered, as a bound of memory. */
const MAX_SEEN = 10_000;

/**
 * Creates a function that returns whether the thread that made a token is certainly dead: according to `/proc`, or else
 * because the kernel has dropped the lock on its life file. It also returns false if that is unknown, as for another
 * machine: then the heartbeat decides. A container may hide or replace the identity of its boot. The lock of such a
 * thread proves that both run on one kernel, so once it was seen, its absence proves the thread's death.
 */
export function createIsDead(isLifeLocked: IsLifeLocked): IsDead {
  const seen = new Set<string>();

  function wasLocked(life: string): boolean {
    const isLocked = isLifeLocked(life);
    if (isLocked) {
      if (seen.size === MAX_SEEN) seen.clear();
      seen.add(life);
    }
    return isLocked === false && seen.has(life);
  }
  return (token) => (token.boot === thisThread().boot ? isDeadHere(token, isLifeLocked) : wasLocked(token.life));
}

function isDeadHere({ thread, start, namespace, life }: Token, isLifeLocked: IsLifeLocked): boolean {
  const here = thisThread();
  const isHere = namespace === here.namespace;
  const canCompare = isHere && start !== UNKNOWN_START && here.start !== UNKNOWN_START;
  const status = canCompare ? processStatus(thread) : undefined;
  if (status !== undefined) return status.start !== start || "ZX".includes(status.state);
  const lives = isLifeLocked(life);
  // Without a life file, as a last resort: systems other than Linux, and a /proc that hides processes.
  return lives === undefined ? isHere && !exists(thread) : !lives;
}

function exists(thread: number): boolean {
  try {
    return process.kill(thread, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Caches which threads are dead, because many locks may have the same holder. */
export interface LivenessCache {
  readonly isDead: IsDead;
  clear(): void;
}

export function createLivenessCache(maxAgeMs: number, lookUp: IsDead): LivenessCache {
  const known = new Map<string, boolean>();
  let until = 0;

  return {
    isDead(token) {
      const now = performance.now();
      if (now >= until) {
        known.clear();
        until = now + maxAgeMs;
      }
      const name = `${token.thread}-${token.start}-${token.boot}${token.namespace}`;
      const answer = known.get(name) ?? lookUp(token);
      known.set(name, answer);
      return answer;
    },
    clear() {
      until = 0;
    },
  };
}
