import { randomUUID } from "node:crypto";
import { type Lease, StoreError } from "@remem/core";
import type { Attempt } from "./command.ts";
import { isRefusal } from "./failover.ts";
import type { Places } from "./key-space.ts";
import type { AnyClient } from "./redis-client.ts";
import { ENTER, RELEASE, RENEW, runScript } from "./scripts.ts";

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
  take(key: string): Promise<Lease | undefined>;
  /** Of the lead that was taken here and not yet given up, also where it was lost meanwhile. */
  tokenOf(key: string): string | undefined;
  /** Gives all up. */
  end(): Promise<void>;
}

interface Held {
  readonly place: string;
  readonly token: string;
  readonly lost: AbortController;
  /** When the last renewal was sent that has arrived. */
  renewedAt: number;
}

/** How often it is tried again to give up a lead, for as long as the lease may last. */
const RETRY_MS = 500;

/** One timer renews all, as long as there are any; it keeps no process alive. */
export function createLeases(places: Places, attempt: Attempt, leaseMs: number): Leases {
  const all = new Map<string, Held>();
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;

  function hold(held: Held): Lease {
    all.set(held.place, held);
    timer ??= setInterval(beat, leaseMs / 3).unref();
    return { lost: held.lost.signal, [Symbol.asyncDispose]: () => giveUp(held) };
  }
  function beat(): void {
    for (const held of all.values()) void renew(held);
  }
  async function renew(held: Held): Promise<void> {
    if (!held.lost.signal.aborted && !(await isOurs(held))) held.lost.abort(taken());
  }
  async function isOurs(held: Held): Promise<boolean> {
    const sentAt = performance.now();
    try {
      const renewed = await attempt(
        "renew",
        (redis) => runScript(redis, RENEW, [held.place], [held.token, `${leaseMs}`]),
        held.place,
      );
      if (renewed) held.renewedAt = sentAt;
      return renewed;
    } catch {
      // Redis cannot be asked. Once the lease is over, another process may lead.
      return performance.now() - held.renewedAt < leaseMs;
    }
  }
  async function giveUp(held: Held): Promise<void> {
    if (all.get(held.place) !== held) return;
    all.delete(held.place);
    if (all.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    await release(held, performance.now() + leaseMs);
  }
  /** Until then what could not be given up would hold up others, though nobody leads: it is tried again. */
  async function release(held: Pick<Held, "place" | "token">, until: number): Promise<void> {
    const { place, token } = held;
    try {
      await attempt("leave", (redis) => runScript(redis, RELEASE, [place], [token, places.releases]), place);
    } catch (error) {
      if (!hasEnded && performance.now() < until && !wasRefused(error as StoreError)) {
        setTimeout(() => release(held, until).catch(() => {}), RETRY_MS).unref();
      }
      throw error;
    }
  }

  return {
    async take(key) {
      const [place, token, renewedAt] = [places.ofLead(key), randomUUID(), performance.now()];
      const enter = (redis: AnyClient) => runScript(redis, ENTER, [place], [token, `${leaseMs}`]);
      const isMine = await attempt("enter", enter, place).catch((error: StoreError) => {
        // Redis may have taken it all the same, or do so yet, and its answer be lost.
        if (!wasRefused(error)) release({ place, token }, performance.now() + leaseMs).catch(() => {});
        throw error;
      });
      return isMine ? hold({ place, token, lost: new AbortController(), renewedAt }) : undefined;
    },
    tokenOf: (key) => all.get(places.ofLead(key))?.token,
    async end() {
      hasEnded = true;
      await Promise.allSettled(Array.from(all.values(), giveUp));
    },
  };
}

const wasRefused = (error: StoreError): boolean => isRefusal(error.cause);

function taken(): StoreError {
  return new StoreError(
    'The store "redis" has lost the lead of a call: this process was stopped, or could not reach Redis, for too long.',
    { store: "redis" },
  );
}
