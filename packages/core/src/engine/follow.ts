import type { CallBudget } from "../concurrency/call-budget.ts";
import { raceSignal } from "../concurrency/race-signal.ts";
import { sleep } from "../concurrency/sleep.ts";
import type { Beginning, CallLimits, Following, Outcome, ReplayOptions } from "../contracts/call.ts";
import { leftEarly } from "../errors/errors.ts";
import { progress } from "../flight/single-flight.ts";
import { copyJson } from "../json/copy-json.ts";
import type { AnyCall, Found } from "./misses.ts";
import type { Trip } from "./recorder.ts";

/** What the engine does for a follower as for any other caller. */
export interface Engine {
  /** Joins the flight that answers the call, or starts it. */
  board(call: AnyCall, limits: CallLimits): Trip;
  /** Answers a call that starts no flight. */
  inStore(call: AnyCall, budget: CallBudget): Promise<Found>;
  outcomeOf(call: AnyCall, found: Found, trip: Trip): Promise<Outcome<object>>;
  exit(call: AnyCall, trip: Trip): void;
}

/** Follows a call: see `ReadThrough.follow`. */
export function follow(call: AnyCall, limits: CallLimits, replay: ReplayOptions, engine: Engine): Following<object> {
  const left = Promise.withResolvers<never>();
  let trip: Trip | undefined;
  let isOver = false;

  async function settle(): Promise<Outcome<object>> {
    try {
      trip = engine.board(call, limits);
      const { flight, budget } = trip;
      const found = flight === undefined ? engine.inStore(call, budget) : raceSignal(flight.outcome, budget.signal);
      return await engine.outcomeOf(call, await Promise.race([found, left.promise]), trip);
    } catch (error) {
      if (trip !== undefined) trip.error = error;
      throw error;
    } finally {
      isOver = true;
      if (trip !== undefined) engine.exit(call, trip);
    }
  }
  const outcome = settle();
  for (const promise of [outcome, left.promise]) promise.catch(() => {}); // The caller may read the chunks alone.

  async function begun(): Promise<Beginning<object>> {
    const { flight, budget } = trip ?? {};
    for (; flight !== undefined; await progress(flight, budget?.signal)) {
      const { head, chunks, hasEnded } = flight;
      if (head !== undefined || chunks !== undefined) return { head };
      if (hasEnded) break;
    }
    return { outcome: await outcome };
  }
  async function* chunks(): AsyncGenerator<object, void, undefined> {
    const { signal } = limits;
    const { flight, budget } = trip ?? {};
    for (let index = 0; flight !== undefined; ) {
      while (flight.chunks !== undefined && index < flight.chunks.length) {
        signal?.throwIfAborted();
        yield copyJson(flight.chunks[index++]!);
      }
      if (flight.hasEnded) break;
      await progress(flight, budget?.signal);
    }
    const { answer } = await outcome;
    if (flight?.chunks === undefined) yield* replayed(call, answer, replay, signal);
  }
  return {
    begun,
    chunks,
    outcome,
    leave() {
      if (!isOver) left.reject(leftEarly());
    },
  };
}

async function* replayed(
  { surface }: AnyCall,
  answer: object,
  { chunkMs }: ReplayOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<object, void, undefined> {
  let isFirst = true;
  for (const chunk of surface.chunksOf?.(answer, { byWord: chunkMs !== undefined }) ?? []) {
    if (chunkMs !== undefined && !isFirst) await sleep(chunkMs, signal);
    signal?.throwIfAborted();
    isFirst = false;
    yield copyJson(chunk);
  }
}
