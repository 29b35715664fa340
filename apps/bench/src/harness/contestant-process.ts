import type { Bench } from "../bench.ts";
import type { Opening } from "../contestants.ts";
import type { Commands } from "../processes/contestant.ts";
import { type Child, startChild } from "./child.ts";
import { keepOnOneCore } from "./one-core.ts";

/** A contestant in a process of its own, so that it shares no compiler, heap or caches with others. */
export interface ContestantProcess {
  tell<Name extends keyof Commands>(
    command: Name,
    ...args: Parameters<Commands[Name]>
  ): Promise<ReturnType<Commands[Name]>>;
}

/** Several processes of one contestant, over the same file or server. */
export type Crowd = readonly ContestantProcess[];

/** Opens contestants, runs the work, and ends them afterwards, even if the work fails. */
export function withContestants<T>(
  bench: Bench,
  openings: ReadonlyMap<string, Opening>,
  work: (contestants: ReadonlyMap<string, ContestantProcess>) => Promise<T>,
): Promise<T> {
  return withCrowds(bench, openings, 1, (crowds) =>
    work(new Map(Array.from(crowds, ([name, [contestant]]) => [name, contestant!]))),
  );
}

/** The same with several processes of each contestant. */
export async function withCrowds<T>(
  bench: Bench,
  openings: ReadonlyMap<string, Opening>,
  processes: number,
  work: (crowds: ReadonlyMap<string, Crowd>) => Promise<T>,
): Promise<T> {
  const started: Child[] = [];
  try {
    const crowds = new Map<string, Crowd>();
    await Promise.all(
      Array.from(openings, async ([name, opening]) => {
        const children = Array.from({ length: processes }, () => startChild("contestant"));
        started.push(...children);
        if (opening.tier === "redis" && processes === 1) for (const { pid } of children) keepOnOneCore(pid);
        const crowd = children.map(contestantIn);
        crowds.set(name, crowd);
        const { tier, directory = bench.directory() } = opening;
        const redisUrl = tier === "redis" ? bench.redis!() : "";
        await firstThenRest(crowd, (member) => member.tell("open", { ...opening, directory, redisUrl }));
      }),
    );
    return await work(crowds);
  } finally {
    await Promise.all(started.map((child) => child.end()));
  }
}

/** Runs the first alone, because it creates what the others find. */
export async function firstThenRest(crowd: Crowd, act: (member: ContestantProcess) => Promise<void>): Promise<void> {
  const [first, ...rest] = crowd;
  await act(first!);
  await Promise.all(rest.map(act));
}

function contestantIn(child: Child): ContestantProcess {
  return {
    async tell(command, ...args) {
      const { result, error } = (await child.ask({ command, args })) as {
        readonly result: never;
        readonly error?: string;
      };
      if (error !== undefined) throw new Error(error);
      return result;
    },
  };
}
