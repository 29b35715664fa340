/**
 * Limits the concurrent calls of one provider. After a rate limit all calls pause together. Then one call probes. If it
 * succeeds, half as many calls as before may run at a time, and one more after each round that succeeds.
 */
export interface Gate {
  /**
   * Waits for a turn.
   * @throws {GateClosed} if the pause is longer than `maxWaitMs`, or lasts that long without one success
   */
  enter(maxWaitMs: number, signal: AbortSignal): Promise<Turn>;
  /** Lets no call through for this long. Returns whether this extends the pause. */
  pause(waitMs: number): boolean;
}

/** The turn of a running call. */
export interface Turn {
  succeeded(): void;
  /** Ends the turn, if it has not ended before. */
  end(): void;
  /**
   * Reports that the server refused the call because of its rate. Pauses for the time that the server asks for, or longer each
   * time. Returns that time, or undefined if a call that was sent before the pause reports the same limit.
   */
  limited(waitMs: number | undefined): number | undefined;
}

/** Thrown for a call that would have to wait longer than its `maxWaitMs`. */
export class GateClosed extends Error {
  /** In milliseconds. */
  readonly waitMs: number;

  constructor(waitMs: number) {
    super(`closed for ${waitMs} ms`);
    this.waitMs = waitMs;
  }
}

interface Waiting {
  readonly maxWaitMs: number;
  admit(): void;
  refuse(error: unknown): void;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** The number of waits that may be as short as the server asks. */
const MAX_SHORT_WAITS = 5;

export function createGate(): Gate {
  const queue: Waiting[] = [];
  let running = 0;
  /** The number of calls that may run at a time. */
  let ceiling = Number.POSITIVE_INFINITY;
  /** The ceiling once the probe has succeeded. */
  let afterProbe: number | undefined;
  let opensAt = 0;
  /** Counts refusals. Calls that were sent before the last one say nothing about the time after it. */
  let epoch = 0;
  /** The time of the first refusal since the last success. */
  let refusedSince: number | undefined;
  let refusals = 0;
  let timer: NodeJS.Timeout | undefined;

  function isOpen(): boolean {
    return performance.now() >= opensAt && running < ceiling;
  }
  function admitNext(): void {
    while (queue.length > 0 && isOpen()) queue.shift()?.admit();
    const left = opensAt - performance.now();
    if (queue.length === 0 || left <= 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      admitNext();
    }, Math.ceil(left));
  }
  /** The wait of a caller, counted from the first refusal. */
  function waitFrom(now: number): number {
    if (now >= opensAt) return 0;
    return opensAt - Math.min(now, refusedSince ?? now);
  }
  function pauseUntil(time: number): boolean {
    if (time <= opensAt) return false;
    opensAt = time;
    clearTimeout(timer);
    timer = undefined;
    const now = performance.now();
    const wait = waitFrom(now);
    for (const waiting of queue.filter(({ maxWaitMs }) => maxWaitMs < wait)) {
      queue.splice(queue.indexOf(waiting), 1);
      waiting.refuse(new GateClosed(opensAt - now));
    }
    admitNext();
    return true;
  }
  function forgive(): void {
    refusedSince = undefined;
    refusals = 0;
  }
  function waitAfter(asked: number | undefined): number {
    const backoff = (count: number): number => Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (count - 1));
    if (asked === undefined) return backoff(refusals);
    return refusals <= MAX_SHORT_WAITS ? asked : Math.max(asked, backoff(refusals - MAX_SHORT_WAITS));
  }

  function begin(): Turn {
    running += 1;
    const sentIn = epoch;
    let isOver = false;
    function end(): void {
      if (isOver) return;
      isOver = true;
      running -= 1;
      admitNext();
    }
    return {
      succeeded() {
        if (sentIn === epoch && !isOver) {
          forgive();
          ceiling = afterProbe ?? ceiling + 1 / Math.floor(ceiling);
          afterProbe = undefined;
        }
        end();
      },
      end,
      limited(waitMs) {
        const now = performance.now();
        const isFirst = sentIn === epoch;
        if (isFirst) {
          if (now - opensAt > LONGEST_WAIT_MS) forgive(); // No call has asked meanwhile.
          epoch += 1;
          afterProbe = Math.max(1, Math.floor(running / 2));
          ceiling = 1;
          refusedSince ??= now;
          refusals += 1;
        }
        const wait = waitAfter(waitMs);
        pauseUntil(now + wait);
        end();
        return isFirst ? wait : undefined;
      },
    };
  }

  return {
    async enter(maxWaitMs, signal) {
      signal.throwIfAborted();
      if (queue.length === 0 && isOpen()) return begin();
      const now = performance.now();
      if (waitFrom(now) > maxWaitMs) throw new GateClosed(opensAt - now);
      return new Promise<Turn>((resolve, reject) => {
        const waiting: Waiting = {
          maxWaitMs,
          admit() {
            signal.removeEventListener("abort", abort);
            resolve(begin());
          },
          refuse(error) {
            signal.removeEventListener("abort", abort);
            reject(error);
          },
        };
        const abort = (): void => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(signal.reason);
        };
        signal.addEventListener("abort", abort, { once: true });
        queue.push(waiting);
        admitNext();
      });
    },
    pause: (waitMs) => pauseUntil(performance.now() + waitMs),
  };
}
