import type { Bench, Plans } from "../bench.ts";
import { startChild } from "../harness/child.ts";
import { ratios, spreadOf } from "../harness/statistics.ts";
import type { EmbeddingLists, EmbeddingTimes } from "../processes/embeddings.ts";
import type { Scenario } from "../scenario.ts";

interface Plan {
  readonly texts: number;
  readonly rounds: number;
}

const PLANS: Plans<Plan> = {
  full: { texts: 1_000, rounds: 15 },
  quick: { texts: 200, rounds: 3 },
  least: { texts: 100, rounds: 1 },
};

const UNCACHED = "openai, no cache";

export const embeddings: Scenario = {
  id: "embeddings",
  about: "what a list of 1,000 embeddings costs, of which all or all but 1 % are stored",
  async *run(bench) {
    const { texts, rounds } = PLANS[bench.effort];
    const server = startChild("embeddings-server");
    try {
      const serverUrl = (await server.ask()) as string;
      const take = (fresh?: number): Promise<EmbeddingTimes> =>
        takeLists(bench, { serverUrl, texts, rounds, ...(fresh !== undefined && { fresh }) });
      const takes = {
        [UNCACHED]: await take(),
        "cachedFetch, all stored": await take(0),
        "cachedFetch, 1 % new": await take(texts / 100),
      };
      const without = takes[UNCACHED]!;
      yield {
        id: "embeddings",
        title: `${texts.toLocaleString("en")} embeddings of 1,536 numbers in one list, SQLite`,
        columns: {
          ratio: { title: "x no cache" },
          wall: { title: "ms", digits: 1 },
          asked: { title: "texts asked for", digits: 0 },
        },
        rows: Object.entries(takes).map(([name, { wallMs, asked }]) => ({
          name,
          cells: { ratio: spreadOf(ratios(wallMs, without.wallMs)), wall: spreadOf(wallMs).median, asked },
        })),
        notes: ["Without a cache a server on this machine answers at once, with the same vector for each text."],
      };
    } finally {
      await server.end();
    }
  },
};

async function takeLists(bench: Bench, lists: Omit<EmbeddingLists, "directory">): Promise<EmbeddingTimes> {
  bench.progress(`embeddings: ${lists.fresh ?? "no cache"}`);
  const child = startChild("embeddings", [JSON.stringify({ ...lists, directory: bench.directory() })]);
  try {
    return (await child.ask()) as EmbeddingTimes;
  } finally {
    await child.end();
  }
}
