import { processStatus } from "./process-status.ts";
import { type Token, thisThread, UNKNOWN_START } from "./token.ts";

/** Whether there is a lock on the file of that name; undefined where nobody can say. */
export type IsLifeLocked = (life: string) => boolean | undefined;

export type IsDead = (token: Token) => boolean;

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

/** Which threads are alive, each looked up once in a while: many locks may have one holder. */
export interface LivenessCache {
  /** What `isDead` says, or has said within the while. */
  readonly isDead: IsDead;
  /** Begins a new while. */
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
