import { isBusy } from "./driver/result-code.ts";

/** Makes a synchronous attempt, and repeats it after a pause for as long as SQLite says that the database is busy. */
export type BusyLane = <T>(attempt: () => T) => Promise<T>;

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;
/** For how long those that waited may follow each other before the event loop has its turn. */
const SLICE_MS = 10;

interface Waiting {
  readonly since: number;
  /** False: busy, to be tried again. */
  settle(): boolean;
  reject(error: Error): void;
}

/**
 * The first attempt is made inside the call. Each that finds the database busy blocks the event loop for the driver's own
 * wait, so callers that come while another one waits line up behind it, and one attempt speaks for all.
 * After `busyMs` a caller gets the error that `gaveUp` makes.
 */
export function busyLane(busyMs: number, gaveUp: (waitedMs: number, cause: unknown) => Error): BusyLane {
  const line: Waiting[] = [];
  let busyInARow = 0;
  let lastBusy: unknown;

  function pause(): void {
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** busyInARow++, LONGEST_PAUSE_MS);
    setTimeout(goOn, longest * (0.5 + Math.random() / 2));
  }
  function goOn(): void {
    const start = performance.now();
    for (let first = line[0]; first !== undefined; first = line[0]) {
      if (!first.settle()) {
        sendAwayTheLate();
        if (line.length > 0) pause();
        return;
      }
      busyInARow = 0;
      line.shift();
      if (line.length > 0 && performance.now() - start >= SLICE_MS) {
        setImmediate(goOn);
        return;
      }
    }
  }
  function sendAwayTheLate(): void {
    const now = performance.now();
    for (let first = line[0]; first !== undefined && now - first.since >= busyMs; first = line[0]) {
      first.reject(gaveUp(now - first.since, lastBusy));
      line.shift();
    }
  }

  return (attempt) =>
    new Promise((resolve, reject) => {
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
      const alone = line.length === 0;
      if (alone && settle()) return;
      line.push({ since: performance.now(), settle, reject }); // Whoever need not wait need not look at the clock.
      if (alone) {
        busyInARow = 0;
        pause();
      }
    });
}
