import type { Slot } from "../concurrency/limiter.ts";
import type { FlightEnd } from "../contracts/cache-store.ts";
import { ALONE, type GuardedFlights } from "../store/guarded-store.ts";
import type { FlightControls } from "./single-flight.ts";

export interface LeadOptions<T> {
  readonly flights: GuardedFlights;
  readonly key: string;
  readonly slot: Slot;
  readonly controls: FlightControls;
  /** What another process may have stored meanwhile. */
  look(): Promise<T | undefined>;
  /** What only the leader does; `lost` is aborted when another process has taken over. */
  work(lost: AbortSignal): Promise<T>;
}

/** How often who waits for another process looks whether the answer is there: that one may be unable to say so. */
const LOOK_MS = 1_000;

/** How many leaders may end without an answer before everybody asks for himself, rather than one after another. */
const FRUITLESS_LEADERS = 2;

/**
 * The outcome of `work`, done here or found done by another process. The lead is taken within a slot, so that no process
 * leads more keys than it works on, and whoever has to wait waits outside of it.
 */
export async function lead<T>({ flights, key, slot, controls, look, work }: LeadOptions<T>): Promise<T> {
  const { begin } = controls;
  const signal = controls.signal();
  let fruitless = 0;
  let isBroken = false;

  async function takeTurn(): Promise<T | undefined> {
    signal.throwIfAborted();
    begin();
    const lease = isBroken || fruitless >= FRUITLESS_LEADERS ? ALONE : await flights.enter(key);
    if (lease === undefined) return undefined;
    try {
      return (await look()) ?? (await work(lease.lost));
    } finally {
      await flights.leave(key, lease);
    }
  }

  /** What the leader has stored; undefined once it leads no longer. */
  async function follow(): Promise<T | undefined> {
    const found = new AbortController();
    let end: FlightEnd | "broken" | undefined;
    const change = flights.changed(key, AbortSignal.any([signal, found.signal])).then((how) => {
      end = how;
    });
    change.catch(() => {}); // Where it is not waited for any more.
    try {
      while (end === undefined) {
        await atMost(LOOK_MS, change);
        const outcome = await look();
        if (outcome !== undefined) return outcome;
      }
    } finally {
      found.abort();
    }
    isBroken = end === "broken";
    if (end === "released") fruitless += 1;
    return undefined;
  }

  while (true) {
    const outcome = (await slot(takeTurn)) ?? (await follow());
    if (outcome !== undefined) return outcome;
  }
}

/** Waits for it, and no longer than that. Rejects as it does. */
async function atMost(ms: number, change: Promise<void>): Promise<void> {
  const { promise: pause, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([change, pause]);
  } finally {
    clearTimeout(timer);
  }
}
