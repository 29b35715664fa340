import type { Bench, Plans } from "../bench.ts";
import { CLIENTS, type Opening } from "../contestants.ts";
import { startChild } from "../harness/child.ts";
import { withContestants } from "../harness/contestant-process.ts";
import { takeRounds } from "../harness/rounds.ts";
import { tableOfHits } from "../report/hits.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { KB, textOfSize } from "../workload.ts";

interface Plan {
  readonly promptSizes: readonly number[];
  readonly contestants: ReadonlyArray<keyof typeof CLIENTS>;
  readonly questions: number;
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
}

const ALL = Object.keys(CLIENTS) as Array<keyof typeof CLIENTS>;

const PLANS: Plans<Plan> = {
  full: {
    promptSizes: [1 * KB, 20 * KB],
    contestants: ALL,
    questions: 500,
    rounds: 31,
    sliceMs: 30,
    warmUpMs: 3_000,
  },
  quick: { promptSizes: [1 * KB], contestants: ALL, questions: 100, rounds: 7, sliceMs: 10, warmUpMs: 200 },
  least: {
    promptSizes: [1 * KB],
    contestants: ["floor", "floor-stream", "fetch", "fetch-stream", "openai"],
    questions: 5,
    rounds: 1,
    sliceMs: 1,
    warmUpMs: 0,
  },
};

const ANSWER_CHARS = 2 * KB;

/** As multiples of a floor. */
const AIM = 1.3;

export const clients: Scenario = {
  id: "clients",
  about: "what a stored answer costs through a client of a server, with the cache in its fetch, and without",
  async *run(bench) {
    for (const promptChars of PLANS[bench.effort].promptSizes) yield await compare(bench, promptChars);
  },
};

async function compare(bench: Bench, promptChars: number): Promise<Table> {
  const plan = PLANS[bench.effort];
  const size = { promptChars, answerChars: ANSWER_CHARS };
  const title = `Hit through clients, memory, ${textOfSize(size)}`;
  bench.progress(title);
  const server = startChild("completions-server", [JSON.stringify(size)]);
  try {
    const serverUrl = (await server.ask()) as string;
    const openings = new Map<string, Opening>(
      plan.contestants.map((id) => [CLIENTS[id], { tier: "clients", id, size, serverUrl }]),
    );
    return await withContestants(bench, openings, async (contestants) => {
      const { questions } = plan;
      await Promise.all(Array.from(contestants.values(), (one) => one.tell("fill", { first: 0, count: questions })));
      return {
        id: `clients/${promptChars / KB}KB`,
        title,
        ...tableOfHits(await takeRounds(contestants, plan), CLIENTS.floor, {
          name: CLIENTS["floor-stream"],
          title: "x floor of a stream",
        }),
        aims: [
          { row: CLIENTS.fetch, column: "ratio", most: AIM },
          { row: CLIENTS["fetch-stream"], column: "ratio", most: AIM },
          { row: CLIENTS["fetch-stream"], column: "bareRatio", most: AIM },
        ],
        notes: [
          "To read a stream takes a client longer than to read JSON, whoever has written it, so streams have a floor of their own, too.",
          "Without a cache a client asks a server on this machine, which answers at once.",
          "The middleware of the AI SDK and the cache of LangChain return the stored object itself, and skip the client's way to the wire.",
        ],
      };
    });
  } finally {
    await server.end();
  }
}
