import { raceSignal } from "../concurrency/race-signal.ts";
import { sleep } from "../concurrency/sleep.ts";

/** The share of the limit that a call has taken. */
export interface Share {
  /** Replaces the estimate by what the call took. */
  settle(weight: number): void;
}

/** Counts the calls and tokens of the last minute. Calls are let through in the order in which they asked. */
export interface SlidingWindow {
  /** Waits until the weight fits into the limit, or until nothing else is counted: a weight above the limit goes alone. */
  take(weight: number, limit: number, signal: AbortSignal): Promise<Share>;
}

interface Taken {
  readonly at: number;
  weight: number;
}

const WINDOW_MS = 60_000;

export function createSlidingWindow(): SlidingWindow {
  const taken: Taken[] = [];
  let sum = 0;
  let last: Promise<unknown> = Promise.resolve();
  /** Resolves when a call has taken less than it had reserved. */
  let room = Promise.withResolvers<void>();

  /** Forgets shares that are older than the window, and returns how long the oldest one still counts. */
  function expire(): number {
    const since = performance.now() - WINDOW_MS;
    for (let oldest = taken[0]; oldest !== undefined && oldest.at <= since; oldest = taken[0]) {
      sum -= oldest.weight;
      taken.shift();
    }
    return taken[0] === undefined ? 0 : taken[0].at - since;
  }
  async function enter(weight: number, limit: number, signal: AbortSignal): Promise<Share> {
    for (let left = expire(); sum > 0 && sum + weight > limit; left = expire()) await sleep(left, signal, room.promise);
    signal.throwIfAborted();
    const share: Taken = { at: performance.now(), weight };
    taken.push(share);
    sum += weight;
    return {
      settle(actual) {
        if (!taken.includes(share)) return; // It counts no longer.
        sum += actual - share.weight;
        share.weight = actual;
        room.resolve();
        room = Promise.withResolvers();
      },
    };
  }

  return {
    take(weight, limit, signal) {
      const turn = last.then(() => enter(weight, limit, signal));
      last = turn.catch(() => {});
      return raceSignal(turn, signal); // An aborted caller does not wait for those before it.
    },
  };
}
