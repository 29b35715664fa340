import type { Size } from "../workload.ts";
import { contestantProcess } from "./contestant-process.ts";
import type { Commands } from "./worker.ts";

/** Processes of one contestant, over the same file or server. */
export interface Crowd {
  /** Opens it in one after the other: the first makes what the others find. */
  open(directory: string): Promise<void>;
  /** Tells the first so many, or all, at the same moment; `argsFor` is asked for each by its number. */
  tell<Name extends keyof Commands>(
    command: Name,
    argsFor: (member: number) => Parameters<Commands[Name]>,
    count?: number,
  ): Promise<ReadonlyArray<ReturnType<Commands[Name]>>>;
  close(): Promise<void>;
  /** Ends them, whatever they are at. */
  end(): Promise<void>;
}

export interface CrowdOptions {
  /** Its module, as in `contestants/<module>.ts`. */
  readonly module: string;
  readonly size: Size;
  /** 1 by default. */
  readonly processes?: number;
  readonly redisUrl?: string;
  readonly modelMs?: number;
}

export function crowdOf({ module, size, processes = 1, redisUrl = "", modelMs = 0 }: CrowdOptions): Crowd {
  const url = new URL(`../contestants/${module}.ts`, import.meta.url).href;
  const members = Array.from({ length: processes }, contestantProcess);

  return {
    async open(directory) {
      for (const member of members) await member.tell("open", { module: url, directory, redisUrl, size, modelMs });
    },
    tell: (command, argsFor, count = members.length) =>
      Promise.all(members.slice(0, count).map((member, at) => member.tell(command, ...argsFor(at)))),
    async close() {
      for (const member of members) await member.tell("close");
    },
    async end() {
      for (const member of members) await member.end();
    },
  };
}

/** Crowds by name, and what is done with them; they are ended whatever comes of it. */
export async function withCrowds<T>(
  options: ReadonlyMap<string, CrowdOptions>,
  work: (crowds: ReadonlyMap<string, Crowd>) => Promise<T>,
): Promise<T> {
  const crowds = new Map(Array.from(options, ([name, option]) => [name, crowdOf(option)]));
  try {
    return await work(crowds);
  } finally {
    for (const crowd of crowds.values()) await crowd.end();
  }
}
