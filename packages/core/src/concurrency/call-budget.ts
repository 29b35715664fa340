import { startTimer } from "./timer.ts";

/** How long one caller waits: until its signal is aborted, or its time is used up. */
export interface CallBudget {
  /** Undefined for a caller without signal or timeout. */
  readonly signal: AbortSignal | undefined;
  /** Starts the timeout, once. */
  start(): void;
  remainingMs(): number;
  /** Removes timer and listener. */
  end(): void;
}

/** The budget of a caller with neither signal nor timeout. */
export const UNLIMITED: CallBudget = {
  signal: undefined,
  start() {},
  remainingMs: () => Number.POSITIVE_INFINITY,
  end() {},
};

export function createCallBudget(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  timedOut: (timeoutMs: number) => Error,
): CallBudget {
  if (timeoutMs === undefined) return signal === undefined ? UNLIMITED : { ...UNLIMITED, signal };

  const controller = new AbortController();
  const forward = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", forward, { once: true });
  if (signal?.aborted) forward();
  let stop: (() => void) | undefined;
  let endsAt: number | undefined;
  return {
    signal: controller.signal,
    start() {
      if (endsAt !== undefined) return;
      endsAt = performance.now() + timeoutMs;
      stop = startTimer(timeoutMs, () => controller.abort(timedOut(timeoutMs)));
    },
    remainingMs: () => (endsAt === undefined ? timeoutMs : Math.max(0, endsAt - performance.now())),
    end() {
      endsAt ??= 0;
      stop?.();
      signal?.removeEventListener("abort", forward);
    },
  };
}
