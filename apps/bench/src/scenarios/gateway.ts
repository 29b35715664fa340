import type { Bench, Plans } from "../bench.ts";
import { type Child, startChild } from "../harness/child.ts";
import { shuffled } from "../harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../harness/statistics.ts";
import type { HitServer, Used } from "../processes/hit-server.ts";
import type { Load, Loaded } from "../processes/load.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { createWorkload, textOfSize, USUAL } from "../workload.ts";

interface Plan {
  readonly questions: number;
  readonly rounds: number;
  /** Requests of a slice with one connection, and with many. */
  readonly alone: number;
  readonly crowded: number;
  readonly warmUp: number;
  /** Requests of the long run, before the memory is looked at for the first time, and in all. */
  readonly early: number;
  readonly late: number;
}

const PLANS: Plans<Plan> = {
  full: { questions: 100, rounds: 21, alone: 300, crowded: 2_000, warmUp: 20_000, early: 20_000, late: 200_000 },
  quick: { questions: 20, rounds: 7, alone: 100, crowded: 600, warmUp: 20_000, early: 1_000, late: 10_000 },
  least: { questions: 5, rounds: 1, alone: 5, crowded: 128, warmUp: 64, early: 64, late: 128 },
};

const CONNECTIONS = 64;
/** The flags of Node that the image and the unit of the gateway set. */
const AS_DEPLOYED = ["--max-semi-space-size=16"];
/** Requests of each part of the long run. */
const PART = 10_000;

const ROWS = {
  bare: "node:http, reads the body and answers",
  hono: "Hono, reads the body and answers",
  memory: "gateway, memory",
  sqlite: "gateway, SQLite",
  stream: "gateway, memory, first byte of a stream",
} as const;
type Id = keyof typeof ROWS;

/** One server in a process of its own, and how it is asked. */
interface Asked {
  readonly child: Child;
  readonly load: Omit<Load, "connections" | "requests">;
}

interface Takes {
  readonly alone: Loaded[];
  readonly crowded: Loaded[];
  readonly cpuUs: number[];
}

export const gateway: Scenario = {
  id: "gateway",
  about: "what a stored answer costs over HTTP, through the gateway, with 1 connection and with 64",
  async *run(bench) {
    const children: Child[] = [];
    const start: typeof startChild = (...args) => {
      const child = startChild(...args);
      children.push(child);
      return child;
    };
    try {
      const generator = start("load");
      const servers = await openServers(bench, start);
      yield await compare(bench, generator, servers);
      yield await endure(bench, generator, servers);
    } finally {
      await Promise.all(children.map((child) => child.end()));
    }
  },
};

async function openServers(bench: Bench, start: typeof startChild): Promise<ReadonlyMap<Id, Asked>> {
  const serverUrl = (await start("completions-server", [JSON.stringify(USUAL)]).ask()) as string;
  const work = createWorkload(USUAL);
  const bodies = Array.from({ length: PLANS[bench.effort].questions }, (_, index) => work.requestText(index));
  const answer = JSON.stringify(work.completion(0));
  const gatewayOver = (kind: "memory" | "sqlite"): HitServer => ({ kind, serverUrl, directory: bench.directory() });
  const openings: Record<Id, HitServer> = {
    bare: { kind: "echo", answer },
    hono: { kind: "hono", answer },
    memory: gatewayOver("memory"),
    sqlite: gatewayOver("sqlite"),
    stream: gatewayOver("memory"),
  };
  const entries = Object.entries(openings) as Array<[Id, HitServer]>;
  return new Map(await Promise.all(entries.map(async ([id, opening]) => [id, await open(id, opening)] as const)));

  async function open(id: Id, opening: HitServer): Promise<Asked> {
    const child = start("hit-server", [JSON.stringify(opening)], AS_DEPLOYED);
    const url = (await child.ask()) as string;
    const isStream = id === "stream";
    if ("serverUrl" in opening) await fill(url);
    const sent = isStream ? bodies.map((body) => JSON.stringify({ ...JSON.parse(body), stream: true })) : bodies;
    return { child, load: { url, bodies: sent, leastChars: work.answer(0).length, firstByte: isStream } };
  }

  /** Stores every answer, and compares the stored ones with it. */
  async function fill(url: string): Promise<void> {
    for (const [index, body] of [...bodies.entries(), ...bodies.entries()]) {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body });
      if ((await response.text()) !== JSON.stringify(work.completion(index))) throw new Error("A wrong answer.");
    }
  }
}

async function compare(bench: Bench, generator: Child, servers: ReadonlyMap<Id, Asked>): Promise<Table> {
  const { rounds, alone, crowded, warmUp, questions } = PLANS[bench.effort];
  const takes = new Map<Id, Takes>();
  for (const [id, server] of servers) {
    bench.progress(`gateway: warm-up of ${ROWS[id]}`);
    await ask(generator, server, CONNECTIONS, warmUp);
    takes.set(id, { alone: [], crowded: [], cpuUs: [] });
  }
  for (let round = 0; round < rounds; round++) {
    bench.progress(`gateway: round ${round + 1} of ${rounds}`);
    for (const [id, server] of shuffled([...servers])) {
      const take = takes.get(id)!;
      take.alone.push(await ask(generator, server, 1, alone));
      const before = await usedBy(server);
      take.crowded.push(await ask(generator, server, CONNECTIONS, crowded));
      const { cpuUs, misses } = await usedBy(server);
      if (misses > questions) throw new Error(`${ROWS[id]} asked the server for a stored answer.`);
      take.cpuUs.push((cpuUs - before.cpuUs) / crowded);
    }
  }
  const bare = figuresOf(takes.get("bare")!);
  return {
    id: "gateway",
    title: `Hit over HTTP, ${textOfSize(USUAL)}`,
    columns: {
      ratio: { title: "x bare" },
      wall: { title: "us", digits: 0 },
      p99: { title: "p99 us", digits: 0 },
      throughput: { title: `x bare/s at ${CONNECTIONS}` },
      perSecond: { title: "per s", digits: 0 },
      crowdedP99: { title: `p99 us at ${CONNECTIONS}`, digits: 0 },
      cpu: { title: "CPU us", digits: 0 },
      errors: { title: "errors", digits: 0 },
    },
    rows: Array.from(takes, ([id, take]) => {
      const { medians, perSecond } = figuresOf(take);
      return {
        name: ROWS[id],
        cells: {
          ratio: spreadOf(ratios(medians, bare.medians)),
          wall: spreadOf(medians).median,
          p99: p99Of(take.alone),
          throughput: spreadOf(ratios(perSecond, bare.perSecond)),
          perSecond: spreadOf(perSecond).median,
          crowdedP99: p99Of(take.crowded),
          cpu: spreadOf(take.cpuUs).median,
          errors: sum([...take.alone, ...take.crowded].map(({ errors }) => errors)),
        },
      };
    }),
    aims: [
      { row: ROWS.memory, column: "ratio", most: 1.6 },
      { row: ROWS.sqlite, column: "ratio", most: 1.6 },
      { row: ROWS.memory, column: "throughput", least: 0.5 },
      { row: ROWS.sqlite, column: "throughput", least: 0.42 },
      ...[ROWS.memory, ROWS.sqlite, ROWS.stream].map((row) => ({ row, column: "errors", most: 0 })),
    ],
    notes: [
      `us is the median with 1 connection; CPU us is what the server used for a request with ${CONNECTIONS}. autocannon asks, in a process of its own. It is slower than node:http, and so makes ratios of throughput look better than they are: compare CPU us.`,
      "@portkey-ai/gateway 1.15.2 is not measured: its package has a script that runs at installation, and its command answers with x-portkey-cache-status: DISABLED where a request asks for its cache.",
    ],
  };
}

const figuresOf = ({ alone, crowded }: Takes): Record<"medians" | "perSecond", readonly number[]> => ({
  medians: alone.map(({ latenciesUs }) => quantile(latenciesUs, 0.5)),
  perSecond: crowded.map(({ perSecond }) => perSecond),
});
const p99Of = (loads: readonly Loaded[]): number =>
  quantile(
    loads.flatMap(({ latenciesUs }) => latenciesUs),
    0.99,
  );
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** A long run: whether there are errors, and whether the process grows. */
async function endure(bench: Bench, generator: Child, servers: ReadonlyMap<Id, Asked>): Promise<Table> {
  const { early, late } = PLANS[bench.effort];
  const rows = [];
  for (const id of ["memory", "sqlite"] as const) {
    const server = servers.get(id)!;
    let errors = 0;
    const hits = async (count: number): Promise<number> => {
      for (let done = 0; done < count; done += PART) {
        bench.progress(`gateway: long run of ${ROWS[id]}`);
        const { errors: more } = await ask(generator, server, CONNECTIONS, Math.min(PART, count - done));
        errors += more;
      }
      return (await usedBy(server, true)).rss;
    };
    const [before, after] = [await hits(early), await hits(late - early)];
    const cells = { errors, before: before / MB, after: after / MB, ratio: after / before };
    rows.push({ name: ROWS[id], cells });
  }
  const count = (number: number): string => number.toLocaleString("en");
  return {
    id: "gateway/long",
    title: `${count(late)} hits over HTTP, ${CONNECTIONS} connections`,
    columns: {
      errors: { title: "errors", digits: 0 },
      before: { title: `MB after ${count(early)}`, digits: 0 },
      after: { title: `MB after ${count(late)}`, digits: 0 },
      ratio: { title: "growth" },
    },
    rows,
    aims: rows.flatMap(({ name: row }) => [
      { row, column: "errors", most: 0 },
      { row, column: "ratio", most: 1.2 },
    ]),
    notes: [`The memory of the process (RSS), after a collection of garbage. All servers run with ${AS_DEPLOYED}.`],
  };
}

const MB = 1_000_000;

async function ask(generator: Child, { load }: Asked, connections: number, requests: number): Promise<Loaded> {
  return (await generator.ask({ ...load, connections, requests } satisfies Load)) as Loaded;
}

async function usedBy({ child }: Asked, collects: boolean = false): Promise<Used> {
  return (await child.ask({ collects })) as Used;
}
