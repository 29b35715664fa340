import { type FlightEnd, orAborted } from "@remem/core";
import type { Holders } from "./holders.ts";
import type { LockFiles } from "./lock-files.ts";
import { holderOf } from "./lock-protocol.ts";
import { run } from "./steps.ts";
import type { Timings } from "./timings.ts";

/** Waits for locks of other processes. */
export interface Ticker {
  /** Resolves when the lock is free or has another holder, or its holder's lead is over. Rejects with the signal's reason. */
  changed(lock: string, signal: AbortSignal): Promise<FlightEnd>;
}

interface Awaited {
  readonly change: PromiseWithResolvers<FlightEnd>;
  callers: number;
  readonly holder: string | undefined;
  checkAt: number;
}

/**
 * One look at the directory a tick for all locks that are awaited, and nothing while none is. The timer keeps the process
 * alive: somebody waits, and nothing else may be left to do.
 */
export function createTicker(
  files: LockFiles,
  holders: Holders,
  { tickMs, checkMs }: Pick<Timings, "tickMs" | "checkMs">,
): Ticker {
  const awaited = new Map<string, Awaited>();
  let timer: NodeJS.Timeout | undefined;

  function tick(): void {
    timer = undefined;
    try {
      const locks = new Set(files.list("."));
      holders.lookAnew(locks);
      for (const [lock, one] of awaited) look(lock, one, locks.has(lock));
    } catch (error) {
      for (const { change } of awaited.values()) change.reject(error);
    }
    goOn();
  }
  function look(lock: string, one: Awaited, isThere: boolean): void {
    try {
      if (!isThere || isOver(lock, one)) one.change.resolve(holders.endOf(lock, one.holder));
    } catch (error) {
      one.change.reject(error);
    }
  }
  function isOver(lock: string, one: Awaited): boolean {
    const now = performance.now();
    if (now < one.checkAt) return false;
    one.checkAt = now + checkMs;
    return one.holder === undefined || holders.isOver(lock, one.holder);
  }
  function goOn(): void {
    timer ??= setTimeout(tick, tickMs * (0.8 + Math.random() * 0.4));
  }
  function join(lock: string): Awaited {
    const one = awaited.get(lock) ?? {
      change: Promise.withResolvers<FlightEnd>(),
      callers: 0,
      holder: run(holderOf(lock), files),
      checkAt: 0,
    };
    awaited.set(lock, one);
    one.callers++;
    goOn();
    return one;
  }
  function leave(lock: string, one: Awaited): void {
    if (--one.callers > 0) return;
    awaited.delete(lock);
    if (awaited.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    async changed(lock, signal) {
      const one = join(lock);
      try {
        return await orAborted(one.change.promise, signal);
      } finally {
        leave(lock, one);
      }
    },
  };
}
