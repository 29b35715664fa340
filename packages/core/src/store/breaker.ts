/** A circuit breaker: after repeated failures it spares the backend, and the callers that would wait for it. */
export interface Breaker {
  /** Whether to try. After three failures in a row it refuses for a while, and then allows one probe. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
}

const MAX_FAILURES = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export function createBreaker(now: () => number = () => performance.now()): Breaker {
  let failures = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let pausedUntil = 0;
  let probing = false;

  return {
    allows() {
      if (failures < MAX_FAILURES) return true;
      if (probing || now() < pausedUntil) return false;
      probing = true;
      return true;
    },
    succeeded() {
      failures = 0;
      pauseMs = FIRST_PAUSE_MS;
      probing = false;
    },
    failed() {
      failures += 1;
      // Operations that were running when the breaker opened fail too. They must not count again.
      if (failures !== MAX_FAILURES && !probing) return;
      if (probing) pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      probing = false;
      pausedUntil = now() + pauseMs;
    },
  };
}
