import type { CallBudget } from "../concurrency/call-budget.ts";
import { raceSignal } from "../concurrency/race-signal.ts";
import { sleep } from "../concurrency/sleep.ts";
import type { Beginning, CallLimits, Following, Outcome, ReplayOptions } from "../contracts/call.ts";
import { leftEarly } from "../errors/errors.ts";
import { type Flight, progress } from "../flight/single-flight.ts";
import { copyJson } from "../json/copy-json.ts";
import type { AnyCall, Found } from "./misses.ts";
import type { Trip } from "./recorder.ts";

/** The operations of the engine that a follower needs. */
export interface Engine {
  /** Joins the flight that answers the call, or starts it. */
  board(call: AnyCall, limits: CallLimits): Trip;
  /** Whether the caller waits for another client's call, and asks on its own if that fails. */
  isGuest(trip: Trip): boolean;
  /** Leaves a flight that has failed, and joins or starts another. */
  changeFlight(call: AnyCall, trip: Trip): void;
  /** Answers a call that starts no flight. */
  inStore(call: AnyCall, budget: CallBudget): Promise<Found>;
  outcomeOf(call: AnyCall, found: Found, trip: Trip): Promise<Outcome<object>>;
  exit(call: AnyCall, trip: Trip): void;
}

/** Follows a call: see `ReadThrough.follow`. */
export function follow(call: AnyCall, limits: CallLimits, replay: ReplayOptions, engine: Engine): Following<object> {
  let abandon: ((reason: unknown) => void) | undefined;
  let trip: Trip | undefined;
  /** Resolves when the caller has left a flight for another. */
  let changed: PromiseWithResolvers<void> | undefined;
  let hasLeft = false;
  let isOver = false;

  async function settle(): Promise<Outcome<object>> {
    try {
      trip = engine.board(call, limits);
      for (;;) {
        const { flight, budget } = trip;
        try {
          const found = flight === undefined ? engine.inStore(call, budget) : raceSignal(flight.outcome, budget.signal);
          return await engine.outcomeOf(call, await untilLeft(found), trip);
        } catch (error) {
          if (hasLeft || flight === undefined || hasBegun(flight) || !engine.isGuest(trip)) throw error;
          engine.changeFlight(call, trip);
          changed?.resolve();
          changed = undefined;
        }
      }
    } catch (error) {
      if (trip !== undefined) trip.error = error;
      throw error;
    } finally {
      isOver = true;
      if (trip !== undefined) engine.exit(call, trip);
    }
  }
  function untilLeft(found: Promise<Found>): Promise<Found> {
    return new Promise((resolve, reject) => {
      abandon = reject;
      found.then(resolve, reject);
    });
  }
  const outcome = settle();
  outcome.catch(() => {}); // The caller may read the chunks alone.

  /** Waits for the next chunk or the end of the flight. Resolves to false if the flight had ended, and the caller joins no other. */
  async function goesOn(trip: Trip, flight: Flight<Found>): Promise<boolean> {
    if (!flight.hasEnded) {
      await progress(flight, trip.budget.signal);
      return true;
    }
    if (hasBegun(flight) || !engine.isGuest(trip)) return false;
    changed ??= Promise.withResolvers();
    await Promise.race([changed.promise, outcome]);
    return !isOver;
  }
  async function begun(): Promise<Beginning<object>> {
    while (trip?.flight !== undefined) {
      const { flight } = trip;
      if (hasBegun(flight)) return { head: flight.head };
      if (!(await goesOn(trip, flight))) break;
    }
    return { outcome: await outcome };
  }
  async function* chunks(): AsyncGenerator<object, void, undefined> {
    const { signal } = limits;
    let index = 0;
    while (trip?.flight !== undefined) {
      const { flight } = trip;
      while (flight.chunks !== undefined && index < flight.chunks.length) {
        signal?.throwIfAborted();
        yield given(call, flight.chunks[index++]!);
      }
      if (!(await goesOn(trip, flight))) break;
    }
    const { answer } = await outcome;
    if (trip?.flight?.chunks === undefined) yield* replayed(call, answer, replay, signal);
  }
  return {
    begun,
    chunks,
    outcome,
    leave() {
      hasLeft = true;
      if (!isOver) abandon?.(leftEarly());
    },
  };
}

/** Whether callers may have seen something of the answer. */
const hasBegun = ({ head, chunks }: Flight<unknown>): boolean => head !== undefined || chunks !== undefined;

/** Returns the chunk for the caller. */
function given({ isReadOnly }: AnyCall, chunk: object): object {
  return isReadOnly ? chunk : copyJson(chunk);
}

async function* replayed(
  call: AnyCall,
  answer: object,
  { chunkMs }: ReplayOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<object, void, undefined> {
  let isFirst = true;
  for (const chunk of call.surface.chunksOf?.(answer, { byWord: chunkMs !== undefined }) ?? []) {
    if (chunkMs !== undefined && !isFirst) await sleep(chunkMs, signal);
    signal?.throwIfAborted();
    isFirst = false;
    yield given(call, chunk);
  }
}
