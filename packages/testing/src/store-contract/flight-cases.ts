import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CacheStore, FlightEnd, Flights, Lease } from "@remem/core/plugin";
import { withTimeout } from "../contract.ts";
import { type CaseContext, needs } from "./context.ts";

const KEY = "key of a flight";

export const flightCases = {
  async "flights have one leader at a time"({ store }: CaseContext): Promise<void> {
    await electsOne([flightsOf(store)]);
  },

  async "flights have one leader at a time across handles"({ store, reopen }: CaseContext): Promise<void> {
    await electsOne([flightsOf(store), flightsOf(await reopen())]);
  },

  async "flights have one leader at a time across processes"({
    store,
    leadElsewhere,
    limitMs,
  }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const releaseThere = await leadElsewhere(KEY);
    assert.equal(
      await flights.enter(KEY),
      undefined,
      "enter gave the lease to a second leader while another process holds it.",
    );
    await withinLimit(limitMs, "Waking followers of another process", async (signal) => {
      await Promise.all([changed(flights, signal), releaseThere()]);
    });
    await acquire(flights);
  },

  async "flights of different keys are independent"({ store }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const first = await acquire(flights, "a");
    for (const key of ["A", "b", "*"]) await acquire(flights, key);
    await release(first);
    await acquire(flights, "a");
    assert.equal(await flights.enter("A"), undefined, "Releasing the lease of one key released that of another.");
  },

  async "flights can be entered again after a release"({ store }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    for (let round = 0; round < 3; round++) await release(await acquire(flights));
  },

  async "flights are free again after the leader's work fails"({ store }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const failure = new Error("The work failed.");
    async function work(): Promise<void> {
      const lease = await acquire(flights);
      try {
        throw failure;
      } finally {
        await release(lease);
      }
    }
    const error = await work().catch((error: unknown) => error);
    assert.equal(error, failure, `The release hid the failure of the work behind ${error}`);
    await acquire(flights);
  },

  async "flights ignore the second release of an earlier lease"({ store }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const first = await acquire(flights);
    await release(first);
    await acquire(flights);
    await release(first);
    assert.equal(await flights.enter(KEY), undefined, "A lease released twice took the lease of the next leader.");
  },

  async "flights wake followers on a release"({ store, limitMs }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    await wakesFollowers(flights, flights, limitMs);
  },

  async "flights wake followers on another handle"({ store, reopen, limitMs }: CaseContext): Promise<void> {
    await wakesFollowers(flightsOf(store), flightsOf(await reopen()), limitMs);
  },

  async "flights let no follower wait for a lease that is released already"({
    store,
    limitMs,
  }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    await release(await acquire(flights));
    await withinLimit(limitMs, "`changed` without a leader", (signal) => changed(flights, signal));
  },

  async "flights tell how a lease ended"({ store, limitMs }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const lease = await acquire(flights);
    await withinLimit(limitMs, "`changed` after a release", async (signal) => {
      await Promise.all([changed(flights, signal), release(lease)]);
      await changed(flights, signal);
    });
  },

  async "flights end a wait with the signal's reason"({ store, limitMs }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    await acquire(flights);
    const reason = new Error("No caller is left.");
    const stop = new AbortController();
    const waiting = flights.changed(KEY, { signal: stop.signal });
    stop.abort(reason);
    for (const wait of [() => waiting, () => flights.changed(KEY, { signal: stop.signal })]) {
      const error = await withTimeout(limitMs, reasonOf(wait()), "`changed` with an aborted signal");
      assert.equal(error, reason, `changed rejected with ${error} instead of the signal's reason.`);
    }
  },

  async "flights let one of two followers take over"({ store, limitMs }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const first = await acquire(flights);
    await takeOverInTurn([flights, flights], limitMs, () => release(first));
  },

  async "flights let one of two followers take over from a dead leader"({
    store,
    reopen,
    orphan,
    limitMs,
  }: CaseContext): Promise<void> {
    const both = [flightsOf(store), flightsOf(await reopen())];
    for (let round = 0; round < 3; round++) {
      await orphan(KEY);
      await takeOverInTurn(both, limitMs, async () => {});
    }
  },
};

function flightsOf(store: CacheStore): Flights {
  needs(store, "flights");
  return store.flights;
}

async function acquire(flights: Flights, key: string = KEY): Promise<Lease> {
  const lease = await flights.enter(key);
  assert.ok(lease !== undefined, `enter(${JSON.stringify(key)}) gave no lease although none is held.`);
  assert.equal(lease.lost.aborted, false, "A new lease is lost already.");
  return lease;
}

const ENDS: readonly unknown[] = ["released", "unknown"] satisfies readonly FlightEnd[];

async function changed(flights: Flights, signal: AbortSignal): Promise<void> {
  const end = await flights.changed(KEY, { signal });
  assert.ok(ENDS.includes(end), `changed resolved with ${JSON.stringify(end)} instead of "released" or "unknown".`);
}

async function release(lease: Lease): Promise<void> {
  await lease[Symbol.asyncDispose]();
}

async function electsOne(all: readonly [Flights, ...Flights[]]): Promise<void> {
  for (let round = 0; round < 5; round++) {
    const entrants = Array.from({ length: 8 }, (_, index) => all[index % all.length] ?? all[0]);
    const leases = (await Promise.all(entrants.map((flights) => flights.enter(KEY)))).filter(
      (lease) => lease !== undefined,
    );
    const [lease] = leases;
    assert.ok(
      lease !== undefined && leases.length === 1,
      `Of ${entrants.length} concurrent calls of enter ${leases.length} got the lease.`,
    );
    for (const flights of all) {
      assert.equal(await flights.enter(KEY), undefined, "enter gave a second lease while the first is held.");
    }
    await release(lease);
  }
}

async function wakesFollowers(leaders: Flights, followers: Flights, limitMs: number): Promise<void> {
  const lease = await acquire(leaders);
  await withinLimit(limitMs, "Waking followers", async (signal) => {
    const waiting = [changed(followers, signal), changed(followers, signal)];
    await Promise.all([...waiting, release(lease)]);
  });
  await acquire(followers);
}

/** Each follower waits, leads alone, and releases the lease for the next. */
async function takeOverInTurn(all: readonly Flights[], limitMs: number, start: () => Promise<void>): Promise<void> {
  let leading = 0;
  async function takeTurn(flights: Flights, signal: AbortSignal): Promise<void> {
    let lease: Lease | undefined;
    do {
      await changed(flights, signal);
      // A store may wake too often, which must not starve the timers.
      await nextTurn();
      signal.throwIfAborted();
      lease = await flights.enter(KEY);
    } while (lease === undefined);
    leading++;
    // Gives the other follower the chance to get in, if the store allows it.
    for (let turn = 0; turn < 10; turn++) {
      await nextTurn();
      assert.equal(leading, 1, "Both followers lead at once.");
      assert.equal(await flights.enter(KEY), undefined, "enter gave a second lease while a follower holds the first.");
    }
    leading--;
    await release(lease);
  }
  await withinLimit(limitMs, "Taking over in turn", async (signal) => {
    await Promise.all([...all.map((flights) => takeTurn(flights, signal)), start()]);
  });
}

/** Aborts pending waits at the limit. */
async function withinLimit(
  limitMs: number,
  what: string,
  wait: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  try {
    await withTimeout(limitMs, wait(stop.signal), what);
  } finally {
    stop.abort();
  }
}

async function reasonOf(wait: Promise<unknown>): Promise<unknown> {
  const [outcome] = await Promise.allSettled([wait]);
  return outcome.status === "rejected"
    ? outcome.reason
    : assert.fail("changed resolved although its signal is aborted.");
}
