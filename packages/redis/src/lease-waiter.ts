import { type FlightEnd, raceSignal } from "@remem/core/plugin";
import type { RunCommand } from "./command.ts";
import type { KeySpace } from "./key-space.ts";
import { type AnyClient, readKeys } from "./redis-client.ts";
import { type Subscription, subscribe } from "./subscription.ts";

/** Waits until other processes release their leases. */
export interface LeaseWaiter {
  changed(key: string, signal: AbortSignal): Promise<FlightEnd>;
  /** Rejects all pending waits. */
  rejectAll(reason: Error): void;
}

interface PendingLease {
  readonly change: PromiseWithResolvers<FlightEnd>;
  callers: number;
}

/**
 * One subscription and one check per tick serve all pending leases; both stop when none is pending. The timer keeps the
 * process alive, because waiting may be all it has left to do.
 */
export function createLeaseWaiter(
  keySpace: KeySpace,
  nodeOf: (redisKey: string) => string,
  runCommand: RunCommand,
  tickMs: number,
): LeaseWaiter {
  const pending = new Map<string, PendingLease>();
  const beingChecked = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let subscription: Subscription | undefined;

  function scheduleCheck(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(checkAll, ms);
  }
  function checkAll(): void {
    const wanted = Array.from(pending.keys()).filter((redisKey) => !beingChecked.has(redisKey));
    for (const redisKeys of Map.groupBy(wanted, nodeOf).values()) void check(redisKeys);
    scheduleCheck(tickMs * (0.75 + Math.random() / 2));
  }
  /** Checks leases of one node, so that a node that is down delays no check of another. */
  async function check(wanted: string[]): Promise<void> {
    for (const redisKey of wanted) beingChecked.add(redisKey);
    function read(redis: AnyClient): Promise<Array<string | null>> {
      ensureSubscribed(redis);
      return readKeys(redis, wanted);
    }
    try {
      const tokens = await runCommand("changed", read, wanted[0]);
      for (const [index, redisKey] of wanted.entries()) {
        if (tokens[index] === null) settle(redisKey, ({ resolve }) => resolve("unknown"));
      }
    } catch (error) {
      for (const redisKey of wanted) settle(redisKey, ({ reject }) => reject(error));
    } finally {
      for (const redisKey of wanted) beingChecked.delete(redisKey);
    }
  }
  function ensureSubscribed(redis: AnyClient): void {
    if (pending.size === 0 || subscription?.isOpen) return;
    subscription = subscribe(redis, keySpace.releaseChannel, {
      onSubscribed() {
        if (pending.size > 0) scheduleCheck(0);
      },
      onMessage: (redisKey) => settle(redisKey, ({ resolve }) => resolve("released")),
    });
  }
  function settle(redisKey: string, how: (change: PendingLease["change"]) => void): void {
    const lease = pending.get(redisKey);
    if (lease === undefined) return;
    pending.delete(redisKey);
    how(lease.change);
    stopIfIdle();
  }
  function addWaiter(redisKey: string): PendingLease {
    const lease = pending.get(redisKey) ?? { change: Promise.withResolvers<FlightEnd>(), callers: 0 };
    pending.set(redisKey, lease);
    lease.callers += 1;
    scheduleCheck(0); // The lease may have been released before this wait began.
    return lease;
  }
  function removeWaiter(redisKey: string, lease: PendingLease): void {
    lease.callers -= 1;
    if (lease.callers > 0 || pending.get(redisKey) !== lease) return;
    pending.delete(redisKey);
    stopIfIdle();
  }
  function stopIfIdle(): void {
    if (pending.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
    subscription?.close();
    subscription = undefined;
  }

  return {
    async changed(key, signal) {
      const redisKey = keySpace.lease(key);
      const lease = addWaiter(redisKey);
      try {
        return await raceSignal(lease.change.promise, signal);
      } finally {
        removeWaiter(redisKey, lease);
      }
    },
    rejectAll(reason) {
      for (const redisKey of pending.keys()) settle(redisKey, ({ reject }) => reject(reason));
    },
  };
}
