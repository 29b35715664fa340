import type { Tier } from "../contestants.ts";
import type { Bench } from "../scenario.ts";
import type { Size } from "../workload.ts";
import { type ContestantProcess, contestantProcess } from "./contestant-process.ts";

export interface Opening {
  readonly tier: Tier;
  /** Its module is `contestants/<tier>/<id>.ts`. */
  readonly id: string;
  readonly size: Size;
  /** A new one by default. */
  readonly directory?: string;
  /** The number of a database of its own in Redis. */
  readonly database?: number;
}

export async function openContestant(
  bench: Bench,
  { tier, id, size, directory = bench.directory(), database = 0 }: Opening,
): Promise<ContestantProcess> {
  const contestant = contestantProcess();
  try {
    const module = new URL(`../contestants/${tier}/${id}.ts`, import.meta.url).href;
    await contestant.tell("open", { module, directory, redisUrl: `${bench.redisUrl}/${database}`, size });
    return contestant;
  } catch (error) {
    await contestant.end();
    throw error;
  }
}
