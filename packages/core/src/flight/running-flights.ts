import type { CacheStore } from "../contracts/cache-store.ts";
import type { CacheMode } from "../contracts/call.ts";
import type { Flight } from "./single-flight.ts";

/** All flights over one store. */
export interface RunningFlights {
  /**
   * Finds the flight that a call of this mode joins. It may be running, or its answer may still be being stored. A `reload`
   * needs an answer newer than itself, so it joins only a running `reload`. A call with `only-if-cached` joins no running
   * flight. A call with `no-store` joins nothing, and nothing joins it.
   */
  find(key: string, mode: CacheMode): Flight<unknown> | undefined;
  add(flight: Flight<unknown>): void;
  remove(flight: Flight<unknown>): void;
  /** The flights that this client has started. */
  ownedBy(owner: object): Array<Flight<unknown>>;
}

/** Flights are known per store object, so that clients over one store join each other's calls. */
const flightsByStore = new WeakMap<CacheStore, RunningFlights>();

export function runningFlights(store: CacheStore): RunningFlights {
  const flights = flightsByStore.get(store) ?? createRunningFlights();
  flightsByStore.set(store, flights);
  return flights;
}

const BUCKETS = 1_024;

/** Keys are hexadecimal digests, so a few of their characters are as good as any hash. */
function bucketOf(key: string): number {
  return ((key.charCodeAt(0) * 31 + key.charCodeAt(1)) * 31 + key.charCodeAt(2)) & (BUCKETS - 1);
}

/** A hash table of chains. A `Map` is slower here: each hit adds a flight and deletes it, and V8 rehashes a map every few pairs. */
function createRunningFlights(): RunningFlights {
  const buckets = new Array<Flight<unknown> | undefined>(BUCKETS).fill(undefined);

  return {
    find(key, mode) {
      if (mode === "no-store") return undefined;
      for (let flight = buckets[bucketOf(key)]; flight !== undefined; flight = flight.next) {
        if (flight.key !== key || flight.cancelled !== undefined || flight.mode === "no-store") continue;
        if (mode === "default") return flight;
        if (mode === "only-if-cached" ? flight.hasEnded : flight.mode === mode && !flight.hasEnded) return flight;
      }
      return undefined;
    },
    add(flight) {
      const bucket = bucketOf(flight.key);
      flight.next = buckets[bucket];
      buckets[bucket] = flight;
    },
    remove(flight) {
      const bucket = bucketOf(flight.key);
      let previous = buckets[bucket];
      if (previous === flight) {
        buckets[bucket] = flight.next;
        return;
      }
      while (previous !== undefined && previous.next !== flight) previous = previous.next;
      if (previous !== undefined) previous.next = flight.next;
    },
    ownedBy(owner) {
      const owned: Array<Flight<unknown>> = [];
      for (const first of buckets) {
        for (let flight = first; flight !== undefined; flight = flight.next) {
          if (flight.owner === owner) owned.push(flight);
        }
      }
      return owned;
    },
  };
}
