import { createRoster, type Roster } from "../collections/linked-list.ts";

/** How long one caller waits: until its signal is aborted, or its budget is used up. */
export interface Patience {
  /** Undefined where the caller waits as long as it takes. */
  readonly signal: AbortSignal | undefined;
  /** Starts the budget, once. */
  start(): void;
  remainingMs(): number;
  /** Lets go of timer and listener. */
  end(): void;
}

/** Of whoever waits for as long as it takes. */
export const ENDLESS: Patience = {
  signal: undefined,
  start() {},
  remainingMs: () => Number.POSITIVE_INFINITY,
  end() {},
};

export function createPatience(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  outOfTime: (timeoutMs: number) => Error,
): Patience {
  if (timeoutMs === undefined) return signal === undefined ? ENDLESS : { ...ENDLESS, signal };

  const controller = new AbortController();
  const forward = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", forward, { once: true });
  if (signal?.aborted) forward();
  let timer: NodeJS.Timeout | undefined;
  let endsAt: number | undefined;
  return {
    signal: controller.signal,
    start() {
      if (endsAt !== undefined) return;
      endsAt = performance.now() + timeoutMs;
      timer = setTimeout(() => controller.abort(outOfTime(timeoutMs)), timeoutMs);
    },
    remainingMs: () => (endsAt === undefined ? timeoutMs : Math.max(0, endsAt - performance.now())),
    end() {
      endsAt ??= 0;
      clearTimeout(timer);
      signal?.removeEventListener("abort", forward);
    },
  };
}

/**
 * The promise's outcome, or the signal's reason if that comes first, whether or not the work itself heeds the signal.
 * For providers too, which have to stop at once when they are aborted.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    const waiting = waitingOn(signal);
    const place = waiting.add(abort);
    promise.then(resolve, reject).finally(() => waiting.remove(place));
  });
}

/** One listener for all who wait: a signal takes the longer for one more, the more it has, and a batch has one for all. */
const waitingOnSignals = new WeakMap<AbortSignal, Roster<() => void>>();

function waitingOn(signal: AbortSignal): Roster<() => void> {
  const known = waitingOnSignals.get(signal);
  if (known !== undefined) return known;
  const waiting = createRoster<() => void>();
  waitingOnSignals.set(signal, waiting);
  const abortAll = (): void => {
    for (const abort of waiting) abort();
  };
  signal.addEventListener("abort", abortAll, { once: true });
  return waiting;
}
