import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Bench, Plans } from "../bench.ts";
import { keyOf } from "../contestants/floor.ts";
import { keepAnswers } from "../harness/keep-answers.ts";
import { shuffled } from "../harness/rounds.ts";
import { ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { createWorkload, USUAL } from "../workload.ts";

interface Plan {
  readonly rounds: number;
  /** Rounds before the measured ones, until the operating system has cached the files. */
  readonly warmUps: number;
}

const PLANS: Plans<Plan> = {
  full: { rounds: 31, warmUps: 2 },
  quick: { rounds: 4, warmUps: 0 },
  least: { rounds: 1, warmUps: 0 },
};

const NODE_SQLITE = "node:sqlite alone";

/** Each is `processes/cold-start/<script>.mjs`. Those that read a file find the answers of the contestant. */
const SCRIPTS: ReadonlyArray<{ readonly row: string; readonly script: string; readonly contestant?: string }> = [
  { row: NODE_SQLITE, script: "node-sqlite", contestant: "floor" },
  { row: "floor", script: "floor", contestant: "floor" },
  { row: "remem", script: "remem", contestant: "remem" },
  { row: "@remem/core and @remem/sqlite", script: "core-and-sqlite", contestant: "remem" },
  { row: "keyv", script: "keyv", contestant: "keyv" },
  { row: "a script that does nothing", script: "nothing" },
  { row: "import of openai, a client made", script: "openai" },
  { row: "import of ai", script: "ai" },
];

export const coldStart: Scenario = {
  id: "cold-start",
  about: "a whole process that starts, reads one stored answer from SQLite, and ends",
  async *run(bench) {
    bench.progress("cold-start");
    const directories = new Map<string, string>();
    for (const id of ["floor", "remem", "keyv"]) {
      directories.set(id, await keepAnswers(bench, { tier: "sqlite", id, size: USUAL }, 1));
    }
    yield compare(bench, directories);
  },
};

function compare(bench: Bench, directories: ReadonlyMap<string, string>): Table {
  const { rounds, warmUps } = PLANS[bench.effort];
  const work = createWorkload(USUAL);
  const request = work.requestText(0);
  const takes = new Map(SCRIPTS.map(({ row }) => [row, { wallMs: [] as number[], cpuMs: [] as number[] }]));
  for (let round = -warmUps; round < rounds; round++) {
    bench.progress(`cold-start: round ${round + 1} of ${rounds}`);
    for (const { row, script, contestant } of shuffled(SCRIPTS)) {
      const reads = contestant === undefined ? [] : [directories.get(contestant)!, request, keyOf(JSON.parse(request))];
      const { wallMs, cpuMs, answer } = runScript(script, reads);
      if (contestant !== undefined && answer !== work.answer(0)) throw new Error(`${script} has a wrong answer.`);
      if (round < 0) continue;
      takes.get(row)!.wallMs.push(wallMs);
      takes.get(row)!.cpuMs.push(cpuMs);
    }
  }
  return {
    id: "cold-start",
    title: "A process with one hit from SQLite, from its start to its end",
    columns: {
      toSqlite: { title: `x ${NODE_SQLITE}` },
      ratio: { title: "x floor" },
      wall: { title: "ms", digits: 1 },
      cpu: { title: "CPU ms", digits: 1 },
    },
    rows: Array.from(takes, ([name, { wallMs, cpuMs }]) => ({
      name,
      cells: {
        toSqlite: spreadOf(ratios(wallMs, takes.get(NODE_SQLITE)!.wallMs)),
        ratio: spreadOf(ratios(wallMs, takes.get("floor")!.wallMs)),
        wall: spreadOf(wallMs),
        cpu: spreadOf(cpuMs),
      },
    })),
    aims: [{ row: "remem", column: "toSqlite", most: 1.3 }],
    notes: [
      `${NODE_SQLITE} opens the file, reads an entry by a given key, and parses it. The floor also makes the key and verifies the digest, for which it loads node:crypto.`,
    ],
  };
}

function runScript(
  script: string,
  args: readonly string[],
): { readonly wallMs: number; readonly cpuMs: number; readonly answer?: string } {
  const path = fileURLToPath(new URL(`../processes/cold-start/${script}.mjs`, import.meta.url));
  const start = performance.now();
  // The environment is empty, because it could name another server or change what is measured.
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--no-warnings", path, ...args], {
    env: {},
    encoding: "utf8",
  });
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
  const { cpuUs, answer } = JSON.parse(stdout);
  return { wallMs, cpuMs: cpuUs / 1_000, answer };
}
