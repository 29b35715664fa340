import { type IsLifeLocked, isDead } from "./process-liveness.ts";
import type { Token } from "./token.ts";

/** Which threads are alive, each looked up once in a while: many locks may have one holder. */
export interface LivenessCache {
  /** What `isDead` says, or has said within the while. */
  isDead(token: Token): boolean;
  /** Begins a new while. */
  clear(): void;
}

export function createLivenessCache(maxAgeMs: number, isLifeLocked: IsLifeLocked): LivenessCache {
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
      const answer = known.get(name) ?? isDead(token, isLifeLocked);
      known.set(name, answer);
      return answer;
    },
    clear() {
      until = 0;
    },
  };
}
