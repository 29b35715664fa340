import type { Commands, Questions } from "../processes/contestant.ts";
import type { ContestantProcess } from "./contestant-process.ts";

/** The measurements of one contestant, one per round. */
export interface Takes {
  readonly wallUs: number[];
  readonly cpuUs: number[];
  /** One per question that was asked by itself, of all rounds. */
  readonly eachUs: number[];
}

export interface RoundsOptions {
  readonly rounds: number;
  /** The approximate length of a slice, in milliseconds. */
  readonly sliceMs: number;
  /** The warm-up of each contestant, in milliseconds, until its code is compiled. */
  readonly warmUpMs: number;
  /** The number of different questions. */
  readonly questions: number;
  /** The contestants that are given all questions at once, instead of one by one. */
  readonly atOnce?: ReadonlySet<string>;
  /** Asks questions that are far apart, instead of neighbours. */
  readonly scattered?: boolean;
}

/**
 * Measures in interleaved slices: every contestant has one slice per round, in random order, while the others are idle. Wall and
 * CPU times are per question.
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
      if (slice.generated > 0) throw new Error(`${name} asked the model for a stored answer.`);
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

  /** Returns the number of questions in a slice. */
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

/** Different questions in each round, next to each other. */
function neighboursOf(questions: number, count: number, round: number): Questions {
  return { first: (round * count) % Math.max(1, questions - count + 1), count };
}

/** Different questions in each round, far apart. The step ends in 3, so that it reaches every place if their number is round. */
function scatteredOf(questions: number, count: number, round: number): Questions {
  return { first: 0, count, step: 611_953 + 77_770 * round, among: questions };
}

/** A copy in random order, so that no contestant always follows the same other one. */
export function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
