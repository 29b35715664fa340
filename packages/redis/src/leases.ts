import { randomUUID } from "node:crypto";
import { type Lease, StoreError } from "@remem/core";
import type { RunCommand } from "./command.ts";
import { isRefusal } from "./failover.ts";
import type { KeySpace } from "./key-space.ts";
import type { AnyClient } from "./redis-client.ts";
import { ACQUIRE, RELEASE, RENEW, runScript } from "./scripts.ts";

export interface Timings {
  /** A leader that is not heard of for this long, by the clock of Redis, leads no longer. It renews the lead every third. */
  readonly leaseMs: number;
  /** How often a waiter looks whether leads are there, ±25 %, for those that end unannounced. */
  readonly tickMs: number;
}

/** No options: a host that is too busy for a shorter lease would pay twice. */
export const TIMINGS: Timings = { leaseMs: 15_000, tickMs: 400 };

/** What this process leads. */
export interface Leases {
  acquire(key: string): Promise<Lease | undefined>;
  /** Of the lead that was taken here and not yet given up, also where it was lost meanwhile. */
  tokenOf(key: string): string | undefined;
  /** Gives all up. */
  releaseAll(): Promise<void>;
}

interface HeldLease {
  readonly redisKey: string;
  readonly token: string;
  readonly lost: AbortController;
  /** When the last renewal was sent that has arrived. */
  renewedAt: number;
}

/** How often it is tried again to give up a lead, for as long as the lease may last. */
const RETRY_MS = 500;

/** One timer renews all, as long as there are any; it keeps no process alive. */
export function createLeases(keySpace: KeySpace, runCommand: RunCommand, leaseMs: number): Leases {
  const all = new Map<string, HeldLease>();
  let timer: NodeJS.Timeout | undefined;
  let isClosing = false;

  function hold(held: HeldLease): Lease {
    all.set(held.redisKey, held);
    timer ??= setInterval(renewAll, leaseMs / 3).unref();
    return { lost: held.lost.signal, [Symbol.asyncDispose]: () => release(held) };
  }
  function renewAll(): void {
    for (const held of all.values()) void renew(held);
  }
  async function renew(held: HeldLease): Promise<void> {
    if (!held.lost.signal.aborted && !(await isStillHeld(held))) held.lost.abort(leaseLost());
  }
  async function isStillHeld(held: HeldLease): Promise<boolean> {
    const sentAt = performance.now();
    try {
      const renewed = await runCommand(
        "renew",
        (redis) => runScript(redis, RENEW, [held.redisKey], [held.token, `${leaseMs}`]),
        held.redisKey,
      );
      if (renewed) held.renewedAt = sentAt;
      return renewed;
    } catch {
      // Redis cannot be asked. Once the lease is over, another process may lead.
      return performance.now() - held.renewedAt < leaseMs;
    }
  }
  async function release(held: HeldLease): Promise<void> {
    if (all.get(held.redisKey) !== held) return;
    all.delete(held.redisKey);
    if (all.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    await sendRelease(held, performance.now() + leaseMs);
  }
  /** Until then what could not be given up would hold up others, though nobody leads: it is tried again. */
  async function sendRelease(held: Pick<HeldLease, "redisKey" | "token">, until: number): Promise<void> {
    const { redisKey, token } = held;
    try {
      await runCommand(
        "release",
        (redis) => runScript(redis, RELEASE, [redisKey], [token, keySpace.releaseChannel]),
        redisKey,
      );
    } catch (error) {
      if (!isClosing && performance.now() < until && !wasRefused(error as StoreError)) {
        setTimeout(() => sendRelease(held, until).catch(() => {}), RETRY_MS).unref();
      }
      throw error;
    }
  }

  return {
    async acquire(key) {
      const [redisKey, token, renewedAt] = [keySpace.lease(key), randomUUID(), performance.now()];
      const acquire = (redis: AnyClient) => runScript(redis, ACQUIRE, [redisKey], [token, `${leaseMs}`]);
      const isMine = await runCommand("enter", acquire, redisKey).catch((error: StoreError) => {
        // Redis may have taken it all the same, or do so yet, and its answer be lost.
        if (!wasRefused(error)) sendRelease({ redisKey, token }, performance.now() + leaseMs).catch(() => {});
        throw error;
      });
      return isMine ? hold({ redisKey, token, lost: new AbortController(), renewedAt }) : undefined;
    },
    tokenOf: (key) => all.get(keySpace.lease(key))?.token,
    async releaseAll() {
      isClosing = true;
      await Promise.allSettled(Array.from(all.values(), release));
    },
  };
}

const wasRefused = (error: StoreError): boolean => isRefusal(error.cause);

function leaseLost(): StoreError {
  return new StoreError(
    'The store "redis" has lost the lead of a call: this process was stopped, or could not reach Redis, for too long.',
    { store: "redis" },
  );
}
