import { type FlightEnd, raceSignal } from "@remem/core/plugin";
import type { Holders } from "./holders.ts";
import type { LockFiles } from "./lock-files.ts";
import { holderOf } from "./lock-protocol.ts";
import { run } from "./steps.ts";
import type { Timings } from "./timings.ts";

/** Waits for locks of other processes. */
export interface LockWaiter {
  /**
   * Resolves when the lock is free, has another holder, or its holder no longer leads. Rejects with the signal's
   * reason.
   */
  changed(lock: string, signal: AbortSignal): Promise<FlightEnd>;
}

interface Wait {
  readonly change: PromiseWithResolvers<FlightEnd>;
  callers: number;
  readonly holder: string | undefined;
  checkAt: number;
}

/**
 * Reads the directory once per tick for all locks that are waited for, and never if there is none. The timer keeps the
 * process alive, because waiting may be all that is left to do.
 */
export function createLockWaiter(
  files: LockFiles,
  holders: Holders,
  { tickMs, checkMs }: Pick<Timings, "tickMs" | "checkMs">,
): LockWaiter {
  const waits = new Map<string, Wait>();
  let timer: NodeJS.Timeout | undefined;

  function tick(): void {
    timer = undefined;
    try {
      const locks = new Set(files.list("."));
      holders.refresh(locks);
      for (const [lock, wait] of waits) check(lock, wait, locks.has(lock));
    } catch (error) {
      for (const { change } of waits.values()) change.reject(error);
    }
    schedule();
  }
  function check(lock: string, wait: Wait, exists: boolean): void {
    try {
      if (!exists || isOver(lock, wait)) wait.change.resolve(holders.findEnd(lock, wait.holder));
    } catch (error) {
      wait.change.reject(error);
    }
  }
  function isOver(lock: string, wait: Wait): boolean {
    const now = performance.now();
    if (now < wait.checkAt) return false;
    wait.checkAt = now + checkMs;
    return wait.holder === undefined || holders.isOver(lock, wait.holder);
  }
  function schedule(): void {
    timer ??= setTimeout(tick, tickMs * (0.8 + Math.random() * 0.4));
  }
  function join(lock: string): Wait {
    const wait = waits.get(lock) ?? {
      change: Promise.withResolvers<FlightEnd>(),
      callers: 0,
      holder: run(holderOf(lock), files),
      checkAt: 0,
    };
    waits.set(lock, wait);
    wait.callers++;
    schedule();
    return wait;
  }
  function leave(lock: string, wait: Wait): void {
    if (--wait.callers > 0) return;
    waits.delete(lock);
    if (waits.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    async changed(lock, signal) {
      const wait = join(lock);
      try {
        return await raceSignal(wait.change.promise, signal);
      } finally {
        leave(lock, wait);
      }
    },
  };
}
