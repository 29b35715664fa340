import type { CallBudget } from "../concurrency/call-budget.ts";
import { raceSignal } from "../concurrency/race-signal.ts";
import { sleep } from "../concurrency/sleep.ts";
import type { AnswerSource, CallLimits, Following, Outcome, ReplayOptions } from "../contracts/call.ts";
import { leftEarly } from "../errors/errors.ts";
import { type Flight, join, leave, progress, sourceOf } from "../flight/single-flight.ts";
import { copyJson } from "../json/copy-json.ts";
import type { AnyCall, Found } from "./misses.ts";

/** What the engine does for a follower as for any other caller. */
export interface Engine {
  enter(call: AnyCall, limits: CallLimits): CallBudget;
  exit(budget: CallBudget): void;
  joinRunning(call: AnyCall): Flight<Found> | undefined;
  start(call: AnyCall): Flight<Found>;
  answerFromStore(call: AnyCall, signal: AbortSignal | undefined): Promise<Outcome<object>>;
  outcomeOf(call: AnyCall, flight: Flight<Found>, found: Found, joinedAs: AnswerSource): Promise<Outcome<object>>;
  countJoined(): void;
}

/** Follows a call: see `ReadThrough.follow`. */
export function follow(call: AnyCall, limits: CallLimits, replay: ReplayOptions, engine: Engine): Following<object> {
  const left = Promise.withResolvers<never>();
  let budget: CallBudget | undefined;
  let flight: Flight<Found> | undefined;
  let isOver = false;

  async function settle(): Promise<Outcome<object>> {
    let joined: Flight<Found> | undefined;
    try {
      budget = engine.enter(call, limits);
      joined = engine.joinRunning(call);
      if (joined === undefined && call.mode === "only-if-cached") {
        return await Promise.race([engine.answerFromStore(call, budget.signal), left.promise]);
      }
      const joinedAs = sourceOf(joined);
      flight = joined ?? engine.start(call);
      join(flight, budget);
      const found = await Promise.race([raceSignal(flight.outcome, budget.signal), left.promise]);
      return await engine.outcomeOf(call, flight, found, joinedAs);
    } catch (error) {
      if (joined !== undefined) engine.countJoined();
      throw error;
    } finally {
      isOver = true;
      if (budget !== undefined) {
        if (flight !== undefined) leave(flight, budget);
        engine.exit(budget);
      }
    }
  }
  const outcome = settle();
  for (const promise of [outcome, left.promise]) promise.catch(() => {}); // The caller may read the chunks alone.

  async function* chunks(): AsyncGenerator<object, void, undefined> {
    const { signal } = limits;
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
