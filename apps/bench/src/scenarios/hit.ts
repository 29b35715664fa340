import { fork } from "node:child_process";
import { once } from "node:events";
import { CONTESTANTS, NOTES, type Tier } from "../contestants.ts";
import type { ContestantProcess } from "../harness/contestant-process.ts";
import { openContestant } from "../harness/open-contestant.ts";
import { type Takes, takeRounds } from "../harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../harness/statistics.ts";
import type { Row, Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";
import type { Size } from "../workload.ts";

const KB = 1_024;
const ANSWER_CHARS = 2 * KB;

/** What a tier aims at, as a multiple of its floor, by the size of the prompt. */
const AIMS: Readonly<Record<Tier, { readonly most: number; readonly upTo: number }>> = {
  memory: { most: 1.3, upTo: 20 * KB },
  sqlite: { most: 1.3, upTo: 20 * KB },
  redis: { most: 1.15, upTo: 20 * KB },
  tiered: { most: 1.3, upTo: 20 * KB },
};

export const hit: Scenario = {
  id: "hit",
  about: "what an answer costs that is kept: in memory, in SQLite, in Redis, in memory before SQLite",
  async *run(bench) {
    for (const tier of Object.keys(CONTESTANTS) as Tier[]) {
      if (tier === "redis" && bench.redisUrl === undefined) continue;
      for (const promptChars of bench.quick ? [1 * KB] : [1 * KB, 20 * KB, 200 * KB]) {
        yield await compare(bench, tier, promptChars);
      }
    }
  },
};

async function compare(bench: Bench, tier: Tier, promptChars: number): Promise<Table> {
  const title = `Hit, ${tier}, prompt of ${promptChars / KB} KB, answer of ${ANSWER_CHARS / KB} KB`;
  const size = { promptChars, answerChars: ANSWER_CHARS };
  const questions = bench.quick || promptChars > 20 * KB ? 100 : 500;
  const absent: string[] = [];
  const processes = new Map<string, ContestantProcess>();
  const server = tier === "memory" && promptChars === 1 * KB ? await startServer(size) : undefined;
  try {
    const contestants = { ...CONTESTANTS[tier], ...(server !== undefined && { openai: "openai, no cache" }) };
    for (const [database, [id, label]] of Object.entries(contestants).entries()) {
      bench.progress(`${title}: ${label}`);
      const contestant = await openContestant(bench, { tier, id, size, database }).catch((error: Error) => {
        if (id === "floor" || id === "remem") throw error;
        absent.push(`${label} could not be opened: ${error.message.split("\n", 1)}`);
      });
      if (contestant === undefined) continue;
      processes.set(label, contestant);
      await contestant.tell("fill", { first: 0, count: questions });
    }
    bench.progress(title);
    const takes = await takeRounds(processes, {
      questions,
      rounds: bench.quick ? 7 : 31,
      sliceMs: bench.quick ? 15 : 30,
      warmUpMs: bench.quick ? 100 : 1_000,
    });
    const { most, upTo } = AIMS[tier];
    return {
      id: `hit/${tier}/${promptChars / KB}KB`,
      title,
      columns: {
        ratio: { title: "x floor" },
        wall: { title: "us", digits: 1 },
        cpu: { title: "CPU us", digits: 1 },
        p99: { title: "p99 us", digits: 0 },
      },
      rows: rowsOf(takes),
      ...(promptChars <= upTo && { aims: [{ row: "remem", column: "ratio", most }] }),
      notes: [...NOTES[tier], ...absent],
    };
  } finally {
    for (const contestant of processes.values()) await contestant.end();
    server?.stop();
  }
}

function rowsOf(takes: ReadonlyMap<string, Takes>): Row[] {
  const floor = takes.get("floor")!;
  return Array.from(takes, ([name, { wallUs, cpuUs, eachUs }]) => ({
    name,
    cells: {
      ratio: spreadOf(ratios(wallUs, floor.wallUs)),
      wall: spreadOf(wallUs).median,
      cpu: spreadOf(cpuUs).median,
      p99: quantile(eachUs, 0.99),
    },
  }));
}

/** For the contestant without a cache, which is pointed at it as any application of the SDK is. */
async function startServer(size: Size): Promise<{ stop(): void }> {
  const child = fork(new URL("../contestants/completions-server.ts", import.meta.url), [JSON.stringify(size)]);
  const [url] = await once(child, "message");
  process.env.OPENAI_BASE_URL = url;
  return {
    stop() {
      delete process.env.OPENAI_BASE_URL;
      child.kill();
    },
  };
}
