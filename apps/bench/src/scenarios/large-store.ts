import { statSync } from "node:fs";
import { join } from "node:path";
import type { ContestantProcess } from "../harness/contestant-process.ts";
import { type Filled, fillFile, makeFile } from "../harness/fill-file.ts";
import { openContestant } from "../harness/open-contestant.ts";
import { takeRounds } from "../harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { createWorkload } from "../workload.ts";

const SIZE = { promptChars: 500, answerChars: 500 };
const AT_MOST = { row: "remem", column: "ratio", most: 1.5 };

export const largeStore: Scenario = {
  id: "large-store",
  about: "what a hit costs in an SQLite file of up to a million entries",
  async *run(bench) {
    const directories = { floor: bench.directory(), remem: bench.directory() };
    let filled = 0;
    for (const entries of bench.quick ? [1_000, 20_000] : [1_000, 100_000, 1_000_000]) {
      for (const id of ["floor", "remem"] as const) await grow(bench, id, directories[id], filled, entries);
      filled = entries;
      yield await compare(bench, directories, entries);
    }
  },
};

async function grow(bench: Bench, id: Filled, directory: string, first: number, end: number): Promise<void> {
  const at = `large-store, ${id}`;
  bench.progress(at);
  if (first === 0) await makeFile(bench, id, directory, SIZE);
  await fillFile(directory, id, createWorkload(SIZE), {
    first: Math.max(first, 1),
    end,
    told: (done) => bench.progress(`${at}: ${done} of ${end}`),
  });
}

async function compare(bench: Bench, directories: Readonly<Record<Filled, string>>, entries: number): Promise<Table> {
  const contestants = [
    { name: "floor", id: "floor", directory: directories.floor },
    { name: "remem", id: "remem", directory: directories.remem },
    { name: "its store alone", id: "store", directory: directories.remem },
  ];
  const processes = new Map<string, ContestantProcess>();
  try {
    for (const { name, id, directory } of contestants) {
      processes.set(name, await openContestant(bench, { tier: "sqlite", id, directory, size: SIZE }));
    }
    bench.progress(`large-store, ${entries}: rounds`);
    const takes = await takeRounds(processes, {
      questions: entries,
      scattered: true,
      rounds: bench.quick ? 7 : 31,
      sliceMs: bench.quick ? 20 : 50,
      warmUpMs: bench.quick ? 150 : 2_000,
    });
    const floor = takes.get("floor")!.wallUs;
    const fileBytes = statSync(join(directories.remem, "cache.sqlite")).size;
    return {
      id: `large-store/${entries}`,
      title: `Hit, one SQLite file of ${entries.toLocaleString("en")} entries (${Math.ceil(fileBytes / 1e6)} MB)`,
      columns: {
        ratio: { title: "x floor" },
        wall: { title: "us", digits: 1 },
        cpu: { title: "CPU us", digits: 1 },
        p99: { title: "p99 us", digits: 0 },
      },
      rows: Array.from(takes, ([name, { wallUs, cpuUs, eachUs }]) => ({
        name,
        cells: {
          ratio: spreadOf(ratios(wallUs, floor)),
          wall: spreadOf(wallUs).median,
          cpu: spreadOf(cpuUs).median,
          p99: quantile(eachUs, 0.99),
        },
      })),
      aims: [AT_MOST],
      notes: [
        "The store alone does what the floor does, over remem's key and store: what it costs less than remem is the client.",
        "Prompts and answers of 500 characters, at places far from each other. The system keeps the file in its memory: no disk is waited for.",
      ],
    };
  } finally {
    for (const contestant of processes.values()) await contestant.end();
  }
}
