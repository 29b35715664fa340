/** Spares what keeps failing, and whoever would wait for it. */
export interface Breaker {
  /** Whether to ask: not for a while after three failures in a row, and then once, to see. */
  lets(): boolean;
  success(): void;
  failure(): void;
}

const FAILURES = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export function createBreaker(now: () => number = () => performance.now()): Breaker {
  let failures = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let restsUntil = 0;
  let probing = false;

  return {
    lets() {
      if (failures < FAILURES) return true;
      if (probing || now() < restsUntil) return false;
      probing = true;
      return true;
    },
    success() {
      failures = 0;
      pauseMs = FIRST_PAUSE_MS;
      probing = false;
    },
    failure() {
      failures += 1;
      // What was under way when it opened fails too, and says nothing new.
      if (failures !== FAILURES && !probing) return;
      if (probing) pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      probing = false;
      restsUntil = now() + pauseMs;
    },
  };
}
