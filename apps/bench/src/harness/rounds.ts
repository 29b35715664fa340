import type { Commands, Questions } from "../processes/contestant.ts";
import type { ContestantProcess } from "./contestant-process.ts";

/** What was taken of one contestant, round after round. */
export interface Takes {
  readonly wallUs: number[];
  readonly cpuUs: number[];
  /** Of every question that was asked by itself, of all rounds. */
  readonly eachUs: number[];
}

export interface RoundsOptions {
  readonly rounds: number;
  /** How long a slice is to take, about, in milliseconds. */
  readonly sliceMs: number;
  /** For how long each runs before anything counts, in milliseconds: until its code is compiled. */
  readonly warmUpMs: number;
  /** How many questions there are to be asked. */
  readonly questions: number;
  /** Those that get all questions at once, and not one by one. */
  readonly atOnce?: ReadonlySet<string>;
  /** Questions that are far from each other, rather than neighbours. */
  readonly scattered?: boolean;
}

/**
 * Interleaved slices: in each round every contestant has one, in another order each time, while the others stand still.
 * Wall and CPU time are those of one question.
 */
export async function takeRounds(
  contestants: ReadonlyMap<string, ContestantProcess>,
  { rounds, sliceMs, warmUpMs, questions, atOnce = new Set(), scattered = false }: RoundsOptions,
): Promise<ReadonlyMap<string, Takes>> {
  const someOf = scattered ? scatteredOf : neighboursOf;
  const slices = new Map<string, number>();
  for (const [name, contestant] of contestants) {
    slices.set(name, await warmUp(name, contestant));
  }
  const takes = new Map<string, Takes>(
    [...contestants.keys()].map((name) => [name, { wallUs: [], cpuUs: [], eachUs: [] }]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [name, contestant] of shuffled([...contestants])) {
      const count = slices.get(name)!;
      const slice = await contestant.tell("run", partOf(name, count, round));
      if (slice.generated > 0) throw new Error(`${name} asked the model for what it should have kept.`);
      const { wallUs, cpuUs, eachUs } = takes.get(name)!;
      wallUs.push(slice.wallUs / count);
      cpuUs.push(slice.cpuUs / count);
      eachUs.push(...slice.eachUs);
    }
  }
  return takes;

  function partOf(name: string, count: number, round: number): Parameters<Commands["run"]>[0] {
    return { ...someOf(questions, count, round), atOnce: atOnce.has(name) };
  }

  /** How many questions make a slice. */
  async function warmUp(name: string, contestant: ContestantProcess): Promise<number> {
    const start = performance.now();
    let count = atOnce.has(name) ? questions : Math.min(10, questions);
    do {
      const { wallUs } = await contestant.tell("run", partOf(name, count, 0));
      if (!atOnce.has(name)) count = Math.max(1, Math.min(questions, Math.round((count * sliceMs * 1_000) / wallUs)));
    } while (performance.now() - start < warmUpMs);
    return count;
  }
}

/** Others each round, one beside the other. */
function neighboursOf(questions: number, count: number, round: number): Questions {
  return { first: (round * count) % Math.max(1, questions - count + 1), count };
}

/** Others each round, all over the place. The step ends in 3, so that it meets every place where their number is round. */
function scatteredOf(questions: number, count: number, round: number): Questions {
  return { first: 0, count, step: 611_953 + 77_770 * round, among: questions };
}

/** In another order each time, so that nothing always comes after the same. */
export function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
