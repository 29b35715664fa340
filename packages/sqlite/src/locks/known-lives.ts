import { type IsLifeLocked, isDead } from "./process-liveness.ts";
import type { Token } from "./token.ts";

/** Which threads are alive, each looked up once in a while: many locks may have one holder. */
export interface KnownLives {
  /** What `isDead` says, or has said within the while. */
  isDead(token: Token): boolean;
  /** Begins a new while. */
  forget(): void;
}

export function knownLives(whileMs: number, isLifeLocked: IsLifeLocked): KnownLives {
  const known = new Map<string, boolean>();
  let until = 0;

  return {
    isDead(token) {
      const now = performance.now();
      if (now >= until) {
        known.clear();
        until = now + whileMs;
      }
      const name = `${token.thread}-${token.start}-${token.boot}${token.namespace}`;
      const answer = known.get(name) ?? isDead(token, isLifeLocked);
      known.set(name, answer);
      return answer;
    },
    forget() {
      until = 0;
    },
  };
}
