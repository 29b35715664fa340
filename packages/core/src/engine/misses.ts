import { atMost } from "../concurrency/at-most.ts";
import type { Lease } from "../contracts/cache-store.ts";
import type { Call } from "../contracts/call.ts";
import type { StoredAnswer } from "../entry/entry-reader.ts";
import type { Separated } from "../entry/kept.ts";
import { clientClosed } from "../errors/errors.ts";
import { watchLease } from "../flight/lease-watch.ts";
import { begin, type Flight, signalOf } from "../flight/single-flight.ts";
import { ALONE, type GuardedFlights, type Read } from "../store/guarded-store.ts";
import type { Access } from "./access.ts";
import type { Asker } from "./asker.ts";
import type { Entries, Received } from "./entries.ts";

export type AnyCall = Call<object, object>;

/** The outcome of a flight. */
export interface Found extends Separated<object> {
  /** The answer as JSON, where the store has it. */
  readonly json: string | undefined;
  /** Whether other callers have the same object. */
  readonly isShared: boolean;
  readonly source: "store" | "provider";
}

/** The outcome of a flight that the store has answered. */
export function foundIn({ answer, kept, json, isShared }: StoredAnswer<object>): Found {
  return { answer, kept, json, isShared, source: "store" };
}

function received({ answer, kept }: Separated<object>): Found {
  return { answer, kept, json: undefined, isShared: false, source: "provider" };
}

export interface Lifecycle {
  /** Whether the client is being closed. */
  isClosing: boolean;
  /** Whether a call fails if its answer cannot be stored. */
  readonly needsStore: boolean;
}

/** Answers calls that the store has no answer for. */
export interface Misses {
  /** Asks the provider, and stores the answer unless the mode is `no-store`. */
  askAlone(call: AnyCall, access: Access, flight: Flight<Found>): Promise<Found>;
  /** Elects one process that asks, while the others wait and then read the answer that it has stored. */
  askAsLeader(
    call: AnyCall,
    access: Access,
    flight: Flight<Found>,
    elections: GuardedFlights,
    firstRead: Read,
  ): Promise<Found>;
}

/** How often a follower looks for the answer: a leader may be unable to report it. */
const LOOK_MS = 1_000;
/** How long a caller waits for its answer to be stored. */
const STORE_MS = 250;
/** How long the lease is held for an answer that is still being stored. */
const LEASE_MS = 1_000;
/** The number of leaders that may end without an answer. After that, all processes ask, rather than one after another. */
const MAX_FRUITLESS_LEADERS = 2;

export function createMisses(entries: Entries, asker: Asker, life: Lifecycle): Misses {
  async function askAlone(call: AnyCall, access: Access, flight: Flight<Found>): Promise<Found> {
    const answered = await withPermit(access, () => asker.ask(call, flight));
    if (call.mode !== "no-store") await store(call, flight, answered, false);
    return received(answered);
  }

  /**
   * A process acquires a permit before the lease, so that it never holds a lease that it is not working on. It holds neither
   * while it waits for another leader.
   */
  async function askAsLeader(
    call: AnyCall,
    access: Access,
    flight: Flight<Found>,
    elections: GuardedFlights,
    firstRead: Read,
  ): Promise<Found> {
    const signal = signalOf(flight);
    let known = firstRead;
    async function lead(lease: Lease): Promise<Found> {
      try {
        // Another process may have answered since the last read.
        const text = known === null ? null : await access.read(call.key);
        const stored = text === known ? undefined : entries.decode(call, text);
        if (stored !== undefined) return foundIn(stored);
        const answered = await asker.ask(call, flight);
        // After a long pause (SIGSTOP, sleep) this process may have lost the lease without knowing it, and the new leader
        // may have stored an answer: only an empty slot is filled.
        await store(call, flight, answered, text === undefined || lease.lost.aborted);
        return received(answered);
      } finally {
        const release = () => lease[Symbol.asyncDispose]();
        // Followers look for the answer once the lease is released.
        if (flight.storing === undefined) await release();
        else void atMost(LEASE_MS, flight.storing).then(release);
      }
    }
    for (let fruitless = 0; ; ) {
      const found = await withPermit(access, async () => {
        signal.throwIfAborted();
        begin(flight);
        const lease = fruitless < MAX_FRUITLESS_LEADERS ? await elections.enter(call.key) : ALONE;
        return lease && lead(lease);
      });
      if (found !== undefined) return found;
      const leader = watchLease(elections, call.key, signal);
      try {
        do {
          await leader.wait(LOOK_MS);
          const text = await access.read(call.key);
          const stored = text === known ? undefined : entries.decode(call, text);
          if (stored !== undefined) return foundIn(stored);
          known = text;
        } while (leader.end === undefined);
      } finally {
        leader[Symbol.dispose]();
      }
      if (leader.end === "broken") fruitless = MAX_FRUITLESS_LEADERS;
      else if (leader.end === "released") fruitless += 1;
    }
  }

  /** A caller waits only shortly for a store that another program has locked. */
  async function store(
    call: AnyCall,
    flight: Flight<Found>,
    received: Received<object>,
    ifAbsent: boolean,
  ): Promise<void> {
    const stored = entries.store(call, received, { ifAbsent });
    const ended = (notStored: string | undefined): void => {
      flight.notStored = notStored;
      flight.storing = undefined;
    };
    flight.storing = stored.then(ended, () => ended("store-error"));
    await (life.needsStore ? stored : atMost(STORE_MS, stored));
    if (flight.storing !== undefined) flight.isShared = true; // Others may still join it.
  }

  async function withPermit<T>(access: Access, work: () => Promise<T>): Promise<T> {
    const permit = await access.limiter.acquire();
    try {
      // A closing client starts no more queued calls.
      if (life.isClosing && access.isQueued) throw clientClosed();
      return await work();
    } finally {
      permit[Symbol.dispose]();
    }
  }

  return { askAlone, askAsLeader };
}
