/** If a worker has run for this long, the reason of its end is not one that ends every worker. */
const HEALTHY_MS = 10_000;
const FIRST_MS = 100;
const LONGEST_MS = 10_000;
const MOST = 6;

/** Decides when a worker that has ended is started again. */
export interface Restarts {
  /**
   * How long to wait before a restart, for a worker that has run for `ranMs`. Undefined to give up, because workers end as soon
   * as they begin.
   */
  delayAfter(ranMs: number): number | undefined;
}

export function createRestarts(): Restarts {
  let inARow = 0;
  return {
    delayAfter(ranMs) {
      inARow = ranMs < HEALTHY_MS ? inARow + 1 : 1;
      return inARow >= MOST ? undefined : Math.min(FIRST_MS * 2 ** (inARow - 1), LONGEST_MS);
    },
  };
}
