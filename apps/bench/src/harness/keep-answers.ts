import type { Bench } from "../bench.ts";
import type { Opening } from "../contestants.ts";
import { withContestants } from "./contestant-process.ts";

/**
 * Stores the answers to the first `count` questions in a process of its own, which then ends. Returns the directory.
 */
export async function keepAnswers(bench: Bench, opening: Opening, count: number): Promise<string> {
  const { id, directory = bench.directory() } = opening;
  await withContestants(bench, new Map([[id, { ...opening, directory }]]), async (contestants) => {
    await contestants.get(id)!.tell("fill", { first: 0, count });
    await contestants.get(id)!.tell("close");
  });
  return directory;
}
