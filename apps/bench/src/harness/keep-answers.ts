import type { Bench } from "../bench.ts";
import type { Opening } from "../contestants.ts";
import { withContestants } from "./contestant-process.ts";

/**
 * Lets a process of its own keep the answers to the first so many questions, and end, before anybody else comes. Gives the
 * directory.
 */
export async function keepAnswers(bench: Bench, opening: Opening, count: number): Promise<string> {
  const { id, directory = bench.directory() } = opening;
  await withContestants(bench, new Map([[id, { ...opening, directory }]]), async (contestants) => {
    await contestants.get(id)!.tell("fill", { first: 0, count });
    await contestants.get(id)!.tell("close");
  });
  return directory;
}
