import type { Call } from "../contracts/call.ts";
import { clientClosed } from "../errors/errors.ts";
import { watchLease } from "../flight/lease-watch.ts";
import { begin, type Flight, signalOf } from "../flight/single-flight.ts";
import { ALONE, type GuardedFlights, type Read } from "../store/guarded-store.ts";
import type { Access } from "./access.ts";
import type { Asker } from "./asker.ts";
import type { Entries, Received } from "./entries.ts";

export type AnyCall = Call<object, object>;

/** What a flight ends with. */
export interface Found {
  readonly answer: object;
  readonly source: "store" | "provider";
}

/** Whether the client is being closed. */
export interface Lifecycle {
  isClosing: boolean;
}

/** How a call is answered that the store has no answer to. */
export interface Misses {
  /** Asks the provider, and stores the answer unless the mode is `no-store`. */
  askAlone(call: AnyCall, access: Access, flight: Flight<Found>): Promise<Found>;
  /** Elects one process that asks, while the others wait and find what it has stored. */
  askAsLeader(
    call: AnyCall,
    access: Access,
    flight: Flight<Found>,
    elections: GuardedFlights,
    firstRead: Read,
  ): Promise<Found>;
}

/** How often a follower looks for the answer: the leader may be unable to tell that it is there. */
const LOOK_MS = 1_000;
/** How many leaders may end without an answer before each process asks for itself, rather than one after another. */
const MAX_FRUITLESS_LEADERS = 2;

export function createMisses(entries: Entries, asker: Asker, life: Lifecycle): Misses {
  async function askAlone(call: AnyCall, access: Access, flight: Flight<Found>): Promise<Found> {
    let received: Received<object>;
    {
      using _permit = await acquire(access);
      received = await asker.ask(call, flight);
    }
    if (call.mode !== "no-store") await entries.store(call, received, { ifAbsent: false });
    return { answer: received.answer, source: "provider" };
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
    for (let fruitless = 0; ; ) {
      {
        using _permit = await acquire(access);
        signal.throwIfAborted();
        begin(flight);
        await using lease = fruitless < MAX_FRUITLESS_LEADERS ? await elections.enter(call.key) : ALONE;
        if (lease !== undefined) {
          // Another process may have answered since the last read.
          const text = known === null ? null : await access.read(call.key);
          const stored = text === known ? undefined : entries.decode(call, text);
          if (stored !== undefined) return { answer: stored, source: "store" };
          const received = await asker.ask(call, flight);
          // After a long pause (SIGSTOP, sleep) this process may have lost the lease without knowing it, and the new leader
          // may have stored an answer: only an empty slot is filled.
          await entries.store(call, received, { ifAbsent: text === undefined || lease.lost.aborted });
          return { answer: received.answer, source: "provider" };
        }
      }
      using leader = watchLease(elections, call.key, signal);
      do {
        await leader.wait(LOOK_MS);
        const text = await access.read(call.key);
        const stored = text === known ? undefined : entries.decode(call, text);
        if (stored !== undefined) return { answer: stored, source: "store" };
        known = text;
      } while (leader.end === undefined);
      if (leader.end === "broken") fruitless = MAX_FRUITLESS_LEADERS;
      else if (leader.end === "released") fruitless += 1;
    }
  }

  async function acquire(access: Access): Promise<Disposable> {
    const permit = await access.limiter.acquire();
    if (!life.isClosing || !access.isQueued) return permit;
    permit[Symbol.dispose]();
    throw clientClosed(); // A closing client starts nothing more out of a queue.
  }

  return { askAlone, askAsLeader };
}
