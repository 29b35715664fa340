/** A timer that fires at most this late is on time. */
const TOLERATED_MS = 50;

/**
 * Calls `end` after `ms`, and returns what stops it. A timer that fires late starts again, for as long as it was late but
 * at most `ms`: the process was suspended (Ctrl-Z, a closed laptop, a frozen container) or its event loop was blocked, and
 * an answer that arrived meanwhile has not been read yet.
 */
export function startTimer(ms: number, end: () => void): () => void {
  let timer: NodeJS.Timeout;

  function start(forMs: number): void {
    const dueAt = performance.now() + forMs;
    timer = setTimeout(() => {
      const again = graceMs(dueAt, ms);
      if (again > 0) start(again);
      else end();
    }, forMs);
  }
  start(ms);
  return () => clearTimeout(timer);
}

/** How much longer than `dueAt`, by `performance.now()`, a timeout of `ms` has to wait because it fired late. */
export function graceMs(dueAt: number, ms: number): number {
  const lateMs = performance.now() - dueAt;
  return lateMs > TOLERATED_MS ? Math.min(lateMs, ms) : 0;
}
