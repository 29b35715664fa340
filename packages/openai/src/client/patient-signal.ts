import { graceMs, startTimer } from "@remem/core/plugin";

export interface PatientSignal {
  readonly signal: AbortSignal;
  /** To be called when the attempt has its response, so that its timeout is over. */
  settled(): void;
}

/**
 * Makes a signal that aborts with `attempt`, the SDK's signal of an attempt, but later where the SDK's timeout fired late: the
 * process was suspended, and an answer that arrived meanwhile is paid for. It aborts at once with `call`, the signal of the
 * whole call.
 */
export function patientSignal(attempt: AbortSignal, call: AbortSignal, timeoutMs: number): PatientSignal {
  const dueAt = performance.now() + timeoutMs;
  const controller = new AbortController();
  let isSettled = false;
  let stop: (() => void) | undefined;

  function abort(): void {
    controller.abort(attempt.reason);
  }
  function onAttempt(): void {
    const grace = call.aborted || isSettled ? 0 : graceMs(dueAt, timeoutMs);
    if (grace === 0) {
      abort();
      return;
    }
    stop = startTimer(grace, abort);
    call.addEventListener("abort", abort, { once: true });
  }
  if (attempt.aborted) abort();
  else attempt.addEventListener("abort", onAttempt, { once: true });

  return {
    signal: controller.signal,
    settled() {
      isSettled = true;
      stop?.();
      if (stop !== undefined) call.removeEventListener("abort", abort);
    },
  };
}
