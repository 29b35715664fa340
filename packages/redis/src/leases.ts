import { randomUUID } from "node:crypto";
import { type Lease, StoreError } from "@remem/core/plugin";
import type { RunCommand } from "./command.ts";
import { isRefusal } from "./failover.ts";
import type { KeySpace } from "./key-space.ts";
import type { AnyClient } from "./redis-client.ts";
import { ACQUIRE, RELEASE, RENEW, runScript } from "./scripts.ts";

export interface Timings {
  /** A lease expires after this long, by the clock of Redis. Leaders renew it every third of that time. */
  readonly leaseMs: number;
  /** How often waiters check whether leases still exist (±25 %), to notice those that end without a message. */
  readonly tickMs: number;
}

/** Not configurable: with a shorter lease a busy host would lose it and pay twice. */
export const TIMINGS: Timings = { leaseMs: 15_000, tickMs: 400 };

/** The leases that this process holds. */
export interface Leases {
  acquire(key: string): Promise<Lease | undefined>;
  /** The token of a lease acquired here and not yet released, even if it has been lost since. */
  tokenOf(key: string): string | undefined;
  releaseAll(): Promise<void>;
}

interface HeldLease {
  readonly redisKey: string;
  readonly token: string;
  readonly lost: AbortController;
  /** When the last successful renewal was sent. */
  renewedAt: number;
}

/** The pause between attempts to release a lease, which are made until it would have expired. */
const RETRY_MS = 500;

/** One timer renews all leases while there are any. It does not keep the process alive. */
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
      // Redis is unreachable. Once the lease has expired, another process may acquire it.
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
  /** Retries in the background until `until`: an unreleased lease delays other processes although no process leads. */
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
        // Redis may still have executed the command, or may yet do so.
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
    'The store "redis" lost the lease of a call: this process was suspended, or could not reach Redis, for too long.',
    { store: "redis" },
  );
}
