import { type FlightEnd, orAborted } from "@remem/core";
import type { Attempt } from "./command.ts";
import type { Places } from "./key-space.ts";
import { type AnyClient, readPlaces } from "./redis-client.ts";
import { type Subscription, subscribe } from "./subscription.ts";

/** Waits for leads of others to end. */
export interface Waiters {
  changed(key: string, signal: AbortSignal): Promise<FlightEnd>;
  /** Rejects all that wait. */
  end(reason: Error): void;
}

interface Awaited {
  readonly change: PromiseWithResolvers<FlightEnd>;
  callers: number;
}

/**
 * One subscription and one look a tick for all leads that are awaited, and nothing while none is. The timer keeps the
 * process alive: somebody waits, and nothing else may be left to do.
 */
export function createWaiters(
  places: Places,
  nodeOf: (place: string) => string,
  attempt: Attempt,
  tickMs: number,
): Waiters {
  const awaited = new Map<string, Awaited>();
  const lookedAt = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let subscription: Subscription | undefined;

  function lookIn(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(look, ms);
  }
  function look(): void {
    const wanted = Array.from(awaited.keys()).filter((place) => !lookedAt.has(place));
    for (const places of Map.groupBy(wanted, nodeOf).values()) void lookAt(places);
    lookIn(tickMs * (0.75 + Math.random() / 2));
  }
  /** All lie on one node: one that is away holds up no look at others. */
  async function lookAt(wanted: string[]): Promise<void> {
    for (const place of wanted) lookedAt.add(place);
    function read(redis: AnyClient): Promise<Array<string | null>> {
      listen(redis);
      return readPlaces(redis, wanted);
    }
    try {
      const tokens = await attempt("changed", read, wanted[0]);
      for (const [index, place] of wanted.entries()) {
        if (tokens[index] === null) settle(place, ({ resolve }) => resolve("unknown"));
      }
    } catch (error) {
      for (const place of wanted) settle(place, ({ reject }) => reject(error));
    } finally {
      for (const place of wanted) lookedAt.delete(place);
    }
  }
  function listen(redis: AnyClient): void {
    if (awaited.size === 0 || subscription?.isOpen) return;
    subscription = subscribe(redis, places.releases, {
      begins() {
        if (awaited.size > 0) lookIn(0);
      },
      message: (place) => settle(place, ({ resolve }) => resolve("released")),
    });
  }
  function settle(place: string, how: (change: Awaited["change"]) => void): void {
    const one = awaited.get(place);
    if (one === undefined) return;
    awaited.delete(place);
    how(one.change);
    restIfIdle();
  }
  function join(place: string): Awaited {
    const one = awaited.get(place) ?? { change: Promise.withResolvers<FlightEnd>(), callers: 0 };
    awaited.set(place, one);
    one.callers += 1;
    lookIn(0); // The lead may have ended before anybody waited here.
    return one;
  }
  function leave(place: string, one: Awaited): void {
    one.callers -= 1;
    if (one.callers > 0 || awaited.get(place) !== one) return;
    awaited.delete(place);
    restIfIdle();
  }
  function restIfIdle(): void {
    if (awaited.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
    subscription?.end();
    subscription = undefined;
  }

  return {
    async changed(key, signal) {
      const place = places.ofLead(key);
      const one = join(place);
      try {
        return await orAborted(one.change.promise, signal);
      } finally {
        leave(place, one);
      }
    },
    end(reason) {
      for (const place of awaited.keys()) settle(place, ({ reject }) => reject(reason));
    },
  };
}
