import { hash } from "node:crypto";
import { type ChatRequest, cacheKey } from "@remem/core";
import type { Bench, Plans } from "../bench.ts";
import { ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Scenario } from "../scenario.ts";
import { createWorkload, KB } from "../workload.ts";

interface Plan {
  readonly promptSizes: readonly number[];
  /** The approximate length of all prompts in a round. */
  readonly bytes: number;
  readonly rounds: number;
}

const PLANS: Plans<Plan> = {
  full: { promptSizes: [1 * KB, 20 * KB, 200 * KB], bytes: 400 * KB, rounds: 101 },
  quick: { promptSizes: [1 * KB, 20 * KB], bytes: 200 * KB, rounds: 15 },
  least: { promptSizes: [1 * KB], bytes: 1 * KB, rounds: 1 },
};

const AIMS: Readonly<Record<number, number>> = { [1 * KB]: 1.5, [20 * KB]: 1.15 };

export const key: Scenario = {
  id: "key",
  about: "what the key of a request costs, compared to JSON.stringify and SHA-256",
  async *run(bench) {
    for (const promptChars of PLANS[bench.effort].promptSizes) {
      bench.progress(`key, ${promptChars / KB} KB`);
      yield compare(bench, promptChars);
    }
  },
};

const TEXTS: ReadonlyArray<readonly [name: string, from: (text: string) => string]> = [
  ["English", (text) => text],
  ["one dash beyond ASCII", (text) => text.replace(" ", " \u2014 ")],
  ["Chinese", (text) => text.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(0x4e00 + letter.charCodeAt(0)))],
];

function compare(bench: Bench, promptChars: number): Table {
  const { bytes, rounds } = PLANS[bench.effort];
  const work = createWorkload({ promptChars, answerChars: 1 });
  const count = Math.ceil(bytes / (promptChars + 1 * KB));
  return {
    id: `key/${promptChars / KB}KB`,
    title: `Key of a request, prompts of ${promptChars / KB} KB`,
    columns: {
      ratio: { title: "x JSON.stringify and SHA-256" },
      floor: { title: "these, us", digits: 1 },
      wall: { title: "cacheKey, us", digits: 1 },
    },
    rows: TEXTS.map(([name, from]) => {
      const jsons = Array.from({ length: count }, (_, index) => {
        const request = JSON.parse(work.requestText(index));
        request.messages[1].content = from(request.messages[1].content);
        return JSON.stringify(request);
      });
      const [floor, wall] = inTurns(rounds, jsons, [(request) => hash("sha256", JSON.stringify(request)), cacheKey]);
      return {
        name,
        cells: { ratio: spreadOf(ratios(wall!, floor!)), floor: spreadOf(floor!).median, wall: spreadOf(wall!).median },
      };
    }),
    ...(AIMS[promptChars] !== undefined && {
      aims: [{ row: "English", column: "ratio", most: AIMS[promptChars] }],
    }),
  };
}

/** Microseconds per request, for each way in each round, after a warm-up of as many rounds. */
function inTurns(
  rounds: number,
  jsons: readonly string[],
  ways: ReadonlyArray<(request: ChatRequest) => string>,
): number[][] {
  const takes = ways.map((): number[] => []);
  for (let round = -rounds; round < rounds; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      const way = (turn + round + 2 * rounds) % ways.length;
      const requests = jsons.map((json) => JSON.parse(json) as ChatRequest);
      const start = performance.now();
      for (const request of requests) ways[way]!(request);
      const us = ((performance.now() - start) * 1_000) / requests.length;
      if (round >= 0) takes[way]!.push(us);
    }
  }
  return takes;
}
