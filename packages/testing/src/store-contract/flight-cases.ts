import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CacheStore, FlightEnd, Flights, Lease } from "@remem/core";
import { withTimeout } from "../contract.ts";
import { type CaseContext, needs } from "./context.ts";

const KEY = "key of a flight";

export const flightCases = {
  async "flights, if there are any, have one leader at a time"({ store }: CaseContext): Promise<void> {
    await electsOne([flightsOf(store)]);
  },

  async "flights, if there are any, have one leader at a time across handles"({
    store,
    reopen,
  }: CaseContext): Promise<void> {
    await electsOne([flightsOf(store), flightsOf(await reopen())]);
  },

  async "flights, if there are any, have one leader at a time across processes"({
    store,
    leadElsewhere,
    limitMs,
  }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const releaseThere = await leadElsewhere(KEY);
    assert.equal(await flights.enter(KEY), undefined, "enter gave the lead though another process has it.");
    await withinLimit(limitMs, "Waking who waits for another process", async (signal) => {
      await Promise.all([changed(flights, signal), releaseThere()]);
    });
    await acquire(flights);
  },

  async "flights, if there are any, of different keys do not hinder each other"({ store }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const first = await acquire(flights, "a");
    for (const key of ["A", "b", "*"]) await acquire(flights, key);
    await release(first);
    await acquire(flights, "a");
    assert.equal(await flights.enter("A"), undefined, "Giving up the lead of one key gave up that of another.");
  },

  async "flights, if there are any, can be entered again when the lead is given up"({
    store,
  }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    for (let round = 0; round < 3; round++) await release(await acquire(flights));
  },

  async "flights, if there are any, are free again when the leader's work fails"({
    store,
  }: CaseContext): Promise<void> {
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
    assert.equal(error, failure, `Giving up the lead hid the failure of the work behind ${error}`);
    await acquire(flights);
  },

  async "flights, if there are any, lose nothing when an earlier lead is given up twice"({
    store,
  }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const first = await acquire(flights);
    await release(first);
    await acquire(flights);
    await release(first);
    assert.equal(await flights.enter(KEY), undefined, "A lead given up twice took the lead from the next leader.");
  },

  async "flights, if there are any, wake who waits when the lead is given up"({
    store,
    limitMs,
  }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    await wakesFollowers(flights, flights, limitMs);
  },

  async "flights, if there are any, wake who waits on another handle"({
    store,
    reopen,
    limitMs,
  }: CaseContext): Promise<void> {
    await wakesFollowers(flightsOf(store), flightsOf(await reopen()), limitMs);
  },

  async "flights, if there are any, let nobody wait for a lead that is given up already"({
    store,
    limitMs,
  }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    await release(await acquire(flights));
    await withinLimit(limitMs, "`changed` with nobody in the lead", (signal) => changed(flights, signal));
  },

  async "flights, if there are any, tell whether the lease was released"({
    store,
    limitMs,
  }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const lease = await acquire(flights);
    await withinLimit(limitMs, "`changed` after a release", async (signal) => {
      await Promise.all([changed(flights, signal), release(lease)]);
      await changed(flights, signal);
    });
  },

  async "flights, if there are any, end the wait with the signal's reason"({
    store,
    limitMs,
  }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    await acquire(flights);
    const reason = new Error("Nobody waits any more.");
    const stop = new AbortController();
    const waiting = flights.changed(KEY, { signal: stop.signal });
    stop.abort(reason);
    for (const wait of [() => waiting, () => flights.changed(KEY, { signal: stop.signal })]) {
      const error = await withTimeout(limitMs, reasonOf(wait()), "`changed` with an aborted signal");
      assert.equal(error, reason, `changed rejected with ${error} instead of the signal's reason.`);
    }
  },

  async "flights, if there are any, let one of two who wait take over"({ store, limitMs }: CaseContext): Promise<void> {
    const flights = flightsOf(store);
    const first = await acquire(flights);
    await takeOverInTurn([flights, flights], limitMs, () => release(first));
  },

  async "flights, if there are any, let one of two take over from a leader that is dead"({
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
  assert.ok(lease !== undefined, `enter(${JSON.stringify(key)}) gave no lead though nobody has it.`);
  assert.equal(lease.lost.aborted, false, "A lease is lost that nobody has taken over.");
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
      `Of ${entrants.length} that entered at once ${leases.length} lead.`,
    );
    for (const flights of all) {
      assert.equal(await flights.enter(KEY), undefined, "enter gave a second lead while somebody else has it.");
    }
    await release(lease);
  }
}

async function wakesFollowers(leaders: Flights, followers: Flights, limitMs: number): Promise<void> {
  const lease = await acquire(leaders);
  await withinLimit(limitMs, "Waking who waits", async (signal) => {
    const waiting = [changed(followers, signal), changed(followers, signal)];
    await Promise.all([...waiting, release(lease)]);
  });
  await acquire(followers);
}

/** Each waits, leads alone, and gives the lead up for the next. */
async function takeOverInTurn(all: readonly Flights[], limitMs: number, start: () => Promise<void>): Promise<void> {
  let leading = 0;
  async function takeTurn(flights: Flights, signal: AbortSignal): Promise<void> {
    let lease: Lease | undefined;
    do {
      await changed(flights, signal);
      // A store may wake too often; that must not keep the clock from turning.
      await nextTurn();
      signal.throwIfAborted();
      lease = await flights.enter(KEY);
    } while (lease === undefined);
    leading++;
    // Time for the other to get in, were it let in.
    for (let turn = 0; turn < 10; turn++) {
      await nextTurn();
      assert.equal(leading, 1, "Both who waited lead at once.");
      assert.equal(await flights.enter(KEY), undefined, "enter gave the lead though one who waited has it.");
    }
    leading--;
    await release(lease);
  }
  await withinLimit(limitMs, "Taking over, one after the other,", async (signal) => {
    await Promise.all([...all.map((flights) => takeTurn(flights, signal)), start()]);
  });
}

/** What is still waited for after the limit is let go of. */
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
  return outcome.status === "rejected" ? outcome.reason : assert.fail("changed resolved though its signal is aborted.");
}
