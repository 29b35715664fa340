import { statSync } from "node:fs";
import { join } from "node:path";
import type { Bench, Plans } from "../bench.ts";
import { withContestants } from "../harness/contestant-process.ts";
import { type Filled, fillFile } from "../harness/fill-file.ts";
import { keepAnswers } from "../harness/keep-answers.ts";
import { takeRounds } from "../harness/rounds.ts";
import { tableOfHits } from "../report/hits.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { createWorkload } from "../workload.ts";

interface Plan {
  /** The number of entries in the file, which grows. */
  readonly entries: readonly number[];
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
}

const PLANS: Plans<Plan> = {
  full: { entries: [1_000, 100_000, 1_000_000], rounds: 31, sliceMs: 50, warmUpMs: 2_000 },
  quick: { entries: [1_000, 10_000], rounds: 7, sliceMs: 15, warmUpMs: 100 },
  least: { entries: [5, 10], rounds: 1, sliceMs: 1, warmUpMs: 0 },
};

const SIZE = { promptChars: 500, answerChars: 500 };

export const largeStore: Scenario = {
  id: "large-store",
  about: "what a hit costs in an SQLite file of up to a million entries",
  async *run(bench) {
    const opening = (id: Filled) => ({ tier: "sqlite", id, size: SIZE }) as const;
    const directories = {
      floor: await keepAnswers(bench, opening("floor"), 1),
      remem: await keepAnswers(bench, opening("remem"), 1),
    };
    let filled = 1;
    for (const entries of PLANS[bench.effort].entries) {
      for (const id of ["floor", "remem"] as const) {
        bench.progress(`large-store, ${id}`);
        await fillFile(directories[id], id, createWorkload(SIZE), {
          first: filled,
          end: entries,
          told: (done) => bench.progress(`large-store, ${id}: ${done} of ${entries}`),
        });
      }
      filled = entries;
      yield await compare(bench, directories, entries);
    }
  },
};

function compare(bench: Bench, directories: Readonly<Record<Filled, string>>, entries: number): Promise<Table> {
  const openings = new Map(
    [
      { name: "floor", id: "floor", directory: directories.floor },
      { name: "remem", id: "remem", directory: directories.remem },
      { name: "its store alone", id: "store", directory: directories.remem },
    ].map(({ name, ...opening }) => [name, { tier: "sqlite", size: SIZE, ...opening }] as const),
  );
  return withContestants(bench, openings, async (contestants) => {
    bench.progress(`large-store, ${entries}: rounds`);
    const takes = await takeRounds(contestants, { ...PLANS[bench.effort], questions: entries, scattered: true });
    const fileBytes = statSync(join(directories.remem, "cache.sqlite")).size;
    return {
      id: `large-store/${entries}`,
      title: `Hit, one SQLite file of ${entries.toLocaleString("en")} entries (${Math.ceil(fileBytes / 1e6)} MB)`,
      ...tableOfHits(takes),
      aims: [{ row: "remem", column: "ratio", most: 1.5 }],
      notes: [
        "The store alone does what the floor does, with remem's key and store. The difference to remem is the client.",
        "Prompts and answers of 500 characters, far apart in the file. The operating system has cached the file, so no read waits for a disk.",
      ],
    };
  });
}
