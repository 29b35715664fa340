import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { filled } from "../harness/filled.ts";
import { shuffled } from "../harness/rounds.ts";
import { ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { createWorkload } from "../workload.ts";

const KB = 1_024;
const SIZE = { promptChars: 1 * KB, answerChars: 2 * KB };

/** Each is `cold-start/<script>.mjs`; those that read find what the contestant has kept. */
const SCRIPTS: ReadonlyArray<{ readonly row: string; readonly script: string; readonly contestant?: string }> = [
  { row: "floor", script: "floor", contestant: "sqlite/floor" },
  { row: "remem", script: "remem", contestant: "sqlite/remem" },
  { row: "@remem/core and @remem/sqlite", script: "core-and-sqlite", contestant: "sqlite/remem" },
  { row: "keyv", script: "keyv", contestant: "sqlite/keyv" },
  { row: "a script that does nothing", script: "nothing" },
  { row: "import of openai, a client made", script: "openai" },
  { row: "import of ai", script: "ai" },
];

export const coldStart: Scenario = {
  id: "cold-start",
  about: "a whole process that starts, gets one answer that is kept in SQLite, and ends",
  async *run(bench) {
    const directories = new Map<string, string>();
    for (const { contestant } of SCRIPTS) {
      if (contestant !== undefined && !directories.has(contestant))
        directories.set(contestant, await filled(bench.directory(), contestant, SIZE, 1));
    }
    yield compare(bench, directories);
  },
};

function compare(bench: Bench, directories: ReadonlyMap<string, string>): Table {
  const work = createWorkload(SIZE);
  const rounds = bench.quick ? 7 : 30;
  const takes = new Map(SCRIPTS.map(({ row }) => [row, { wallMs: [] as number[], cpuMs: [] as number[] }]));
  const warmUps = bench.quick ? 0 : 2; // Until the system has the files in memory.
  for (let round = -warmUps; round < rounds; round++) {
    bench.progress(`cold-start: round ${round + 1} of ${rounds}`);
    for (const { row, script, contestant } of shuffled(SCRIPTS)) {
      const reads = contestant === undefined ? [] : [directories.get(contestant)!, work.requestText(0)];
      const { wallMs, cpuMs, answer } = runScript(script, reads);
      if (contestant !== undefined && answer !== work.answer(0)) throw new Error(`${script} has a wrong answer.`);
      if (round < 0) continue;
      takes.get(row)!.wallMs.push(wallMs);
      takes.get(row)!.cpuMs.push(cpuMs);
    }
  }
  const floor = takes.get("floor")!;
  return {
    id: "cold-start",
    title: "A process with one hit from SQLite, from its start to its end",
    columns: {
      ratio: { title: "x floor" },
      wall: { title: "ms", digits: 1 },
      cpu: { title: "CPU ms", digits: 1 },
    },
    rows: Array.from(takes, ([name, { wallMs, cpuMs }]) => ({
      name,
      cells: {
        ratio: spreadOf(ratios(wallMs, floor.wallMs)),
        wall: spreadOf(wallMs),
        cpu: spreadOf(cpuMs),
      },
    })),
    aims: [{ row: "remem", column: "ratio", most: 1.3 }],
  };
}

function runScript(
  script: string,
  args: readonly string[],
): { readonly wallMs: number; readonly cpuMs: number; readonly answer?: string } {
  const path = fileURLToPath(new URL(`../cold-start/${script}.mjs`, import.meta.url));
  const start = performance.now();
  // Without the environment, which could name another server or turn on what is to be measured off.
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--no-warnings", path, ...args], {
    env: {},
    encoding: "utf8",
  });
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
  const { cpuUs, answer } = JSON.parse(stdout);
  return { wallMs, cpuMs: cpuUs / 1_000, answer };
}
