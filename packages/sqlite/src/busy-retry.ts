import { isBusy } from "./driver/result-code.ts";

/** Runs a synchronous attempt and retries it, after a pause, as long as SQLite reports the database as busy. */
export interface BusyRetry {
  <T>(attempt: () => T): Promise<T>;
  /** Retries everything that waits now, and leaves no timer if nothing is busy any more. */
  flush(): void;
}

const MIN_PAUSE_MS = 10;
const MAX_PAUSE_MS = 200;
/** How long queued callers may run back to back before yielding to the event loop. */
const SLICE_MS = 10;

interface Waiting {
  readonly since: number;
  /** Returns false if the database was busy: retry later. */
  settle(): boolean;
  reject(error: Error): void;
}

export interface BusyRetryOptions {
  /** How long a caller waits, in milliseconds. */
  readonly busyMs: number;
  /** Returns another value when the holder of the lock has made progress. The time then begins anew, until `longestMs`. */
  readonly progress?: () => unknown;
  readonly longestMs?: number;
}

/**
 * Makes the first attempt synchronously, inside the call. An attempt that finds the database busy blocks the event loop
 * for the driver's own timeout, so callers that arrive while another one waits queue behind it, and one attempt probes
 * for all. After `busyMs` a caller rejects with `timeoutError()`.
 */
export function createBusyRetry(
  { busyMs, progress = () => undefined, longestMs = busyMs }: BusyRetryOptions,
  timeoutError: (waitedMs: number, cause: unknown) => Error,
): BusyRetry {
  const queue: Waiting[] = [];
  let seen: unknown;
  let progressAt = 0;
  let consecutiveBusy = 0;
  let lastBusy: unknown;
  let timer: NodeJS.Timeout | undefined;

  function pause(): void {
    const longest = Math.min(MIN_PAUSE_MS * 2 ** consecutiveBusy++, MAX_PAUSE_MS);
    timer = setTimeout(drain, longest * (0.5 + Math.random() / 2));
  }
  function drain(): void {
    const start = performance.now();
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      if (!first.settle()) {
        rejectExpired();
        if (queue.length > 0) pause();
        return;
      }
      consecutiveBusy = 0;
      queue.shift();
      if (queue.length > 0 && performance.now() - start >= SLICE_MS) {
        setImmediate(drain);
        return;
      }
    }
  }
  function rejectExpired(): void {
    const now = performance.now();
    const current = progress();
    if (current !== seen) progressAt = now;
    seen = current;
    const isExpired = ({ since }: Waiting): boolean =>
      now - Math.max(since, progressAt) >= busyMs || now - since >= longestMs;
    for (let first = queue[0]; first !== undefined && isExpired(first); first = queue[0]) {
      first.reject(timeoutError(now - first.since, lastBusy));
      queue.shift();
    }
  }

  function retry<T>(attempt: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): boolean => {
        try {
          resolve(attempt());
        } catch (error) {
          if (isBusy(error)) {
            lastBusy = error;
            return false;
          }
          reject(error);
        }
        return true;
      };
      const isFirst = queue.length === 0;
      if (isFirst && settle()) return;
      queue.push({ since: performance.now(), settle, reject }); // Only callers that wait pay for reading the clock.
      if (isFirst) {
        seen = progress();
        consecutiveBusy = 0;
        pause();
      }
    });
  }
  function flush(): void {
    clearTimeout(timer);
    drain();
  }
  return Object.assign(retry, { flush });
}
