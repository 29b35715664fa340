import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CacheStore, Flights, Lease } from "@remem/core";
import { within } from "../contract.ts";
import { needs, type Trial } from "./context.ts";

const KEY = "key of a flight";

export const flightCases = {
  async "flights, if there are any, have one leader at a time"({ store }: Trial): Promise<void> {
    await oneLeads([flightsOf(store)]);
  },

  async "flights, if there are any, have one leader at a time across handles"({ store, reopen }: Trial): Promise<void> {
    await oneLeads([flightsOf(store), flightsOf(await reopen())]);
  },

  async "flights, if there are any, have one leader at a time across processes"({
    store,
    leadElsewhere,
    limitMs,
  }: Trial): Promise<void> {
    const flights = flightsOf(store);
    const giveUpThere = await leadElsewhere(KEY);
    assert.equal(await flights.enter(KEY), undefined, "enter gave the lead though another process has it.");
    await until(limitMs, "Waking who waits for another process", async (signal) => {
      await Promise.all([flights.changed(KEY, { signal }), giveUpThere()]);
    });
    await lead(flights);
  },

  async "flights, if there are any, of different keys do not hinder each other"({ store }: Trial): Promise<void> {
    const flights = flightsOf(store);
    const first = await lead(flights, "a");
    for (const key of ["A", "b", "*"]) await lead(flights, key);
    await giveUp(first);
    await lead(flights, "a");
    assert.equal(await flights.enter("A"), undefined, "Giving up the lead of one key gave up that of another.");
  },

  async "flights, if there are any, can be entered again when the lead is given up"({ store }: Trial): Promise<void> {
    const flights = flightsOf(store);
    for (let round = 0; round < 3; round++) await giveUp(await lead(flights));
  },

  async "flights, if there are any, are free again when the leader's work fails"({ store }: Trial): Promise<void> {
    const flights = flightsOf(store);
    const failure = new Error("The work failed.");
    async function work(): Promise<void> {
      const lease = await lead(flights);
      try {
        throw failure;
      } finally {
        await giveUp(lease);
      }
    }
    const error = await work().catch((error: unknown) => error);
    assert.equal(error, failure, `Giving up the lead hid the failure of the work behind ${error}`);
    await lead(flights);
  },

  async "flights, if there are any, lose nothing when an earlier lead is given up twice"({
    store,
  }: Trial): Promise<void> {
    const flights = flightsOf(store);
    const first = await lead(flights);
    await giveUp(first);
    await lead(flights);
    await giveUp(first);
    assert.equal(await flights.enter(KEY), undefined, "A lead given up twice took the lead from the next leader.");
  },

  async "flights, if there are any, wake who waits when the lead is given up"({
    store,
    limitMs,
  }: Trial): Promise<void> {
    const flights = flightsOf(store);
    await wakes(flights, flights, limitMs);
  },

  async "flights, if there are any, wake who waits on another handle"({
    store,
    reopen,
    limitMs,
  }: Trial): Promise<void> {
    await wakes(flightsOf(store), flightsOf(await reopen()), limitMs);
  },

  async "flights, if there are any, let nobody wait for a lead that is given up already"({
    store,
    limitMs,
  }: Trial): Promise<void> {
    const flights = flightsOf(store);
    await giveUp(await lead(flights));
    await until(limitMs, "`changed` with nobody in the lead", (signal) => flights.changed(KEY, { signal }));
  },

  async "flights, if there are any, end the wait with the signal's reason"({ store, limitMs }: Trial): Promise<void> {
    const flights = flightsOf(store);
    await lead(flights);
    const reason = new Error("Nobody waits any more.");
    const stop = new AbortController();
    const waiting = flights.changed(KEY, { signal: stop.signal });
    stop.abort(reason);
    for (const wait of [() => waiting, () => flights.changed(KEY, { signal: stop.signal })]) {
      const error = await within(limitMs, failureOf(wait()), "`changed` with an aborted signal");
      assert.equal(error, reason, `changed rejected with ${error} instead of the signal's reason.`);
    }
  },

  async "flights, if there are any, let one of two who wait take over"({ store, limitMs }: Trial): Promise<void> {
    const flights = flightsOf(store);
    const first = await lead(flights);
    await takeOver([flights, flights], limitMs, () => giveUp(first));
  },

  async "flights, if there are any, let one of two take over from a leader that is dead"({
    store,
    reopen,
    orphan,
    limitMs,
  }: Trial): Promise<void> {
    const both = [flightsOf(store), flightsOf(await reopen())];
    for (let round = 0; round < 3; round++) {
      await orphan(KEY);
      await takeOver(both, limitMs, async () => {});
    }
  },
};

function flightsOf(store: CacheStore): Flights {
  needs(store, "flights");
  return store.flights;
}

async function lead(flights: Flights, key: string = KEY): Promise<Lease> {
  const lease = await flights.enter(key);
  assert.ok(lease !== undefined, `enter(${JSON.stringify(key)}) gave no lead though nobody has it.`);
  assert.equal(lease.lost.aborted, false, "A lease is lost that nobody has taken over.");
  return lease;
}

async function giveUp(lease: Lease): Promise<void> {
  await lease[Symbol.asyncDispose]();
}

async function oneLeads(all: readonly [Flights, ...Flights[]]): Promise<void> {
  for (let round = 0; round < 5; round++) {
    const crowd = Array.from({ length: 8 }, (_, index) => all[index % all.length] ?? all[0]);
    const leases = (await Promise.all(crowd.map((flights) => flights.enter(KEY)))).filter(
      (lease) => lease !== undefined,
    );
    const [lease] = leases;
    assert.ok(
      lease !== undefined && leases.length === 1,
      `Of ${crowd.length} that entered at once ${leases.length} lead.`,
    );
    for (const flights of all) {
      assert.equal(await flights.enter(KEY), undefined, "enter gave a second lead while somebody else has it.");
    }
    await giveUp(lease);
  }
}

async function wakes(leaders: Flights, waiters: Flights, limitMs: number): Promise<void> {
  const lease = await lead(leaders);
  await until(limitMs, "Waking who waits", async (signal) => {
    const waiting = [waiters.changed(KEY, { signal }), waiters.changed(KEY, { signal })];
    await Promise.all([...waiting, giveUp(lease)]);
  });
  await lead(waiters);
}

/** Each waits, leads alone, and gives the lead up for the next. */
async function takeOver(all: readonly Flights[], limitMs: number, begin: () => Promise<void>): Promise<void> {
  let leading = 0;
  async function takeTurn(flights: Flights, signal: AbortSignal): Promise<void> {
    let lease: Lease | undefined;
    do {
      await flights.changed(KEY, { signal });
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
    await giveUp(lease);
  }
  await until(limitMs, "Taking over, one after the other,", async (signal) => {
    await Promise.all([...all.map((flights) => takeTurn(flights, signal)), begin()]);
  });
}

/** What is still waited for after the limit is let go of. */
async function until(limitMs: number, what: string, wait: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  try {
    await within(limitMs, wait(stop.signal), what);
  } finally {
    stop.abort();
  }
}

async function failureOf(wait: Promise<unknown>): Promise<unknown> {
  const [outcome] = await Promise.allSettled([wait]);
  return outcome.status === "rejected" ? outcome.reason : assert.fail("changed resolved though its signal is aborted.");
}
