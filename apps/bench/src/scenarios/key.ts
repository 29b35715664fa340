import { hash } from "node:crypto";
import { type ChatRequest, cacheKey } from "@remem/core";
import { ratios, spreadOf } from "../harness/statistics.ts";
import type { Table } from "../report/table.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { createWorkload } from "../workload.ts";

const KB = 1_024;
const AIMS: Readonly<Record<number, number>> = { [1 * KB]: 1.5, [20 * KB]: 1.15 };

export const key: Scenario = {
  id: "key",
  about: "what the key of a request costs, beside its JSON.stringify and SHA-256",
  async *run(bench) {
    for (const promptChars of bench.quick ? [1 * KB, 20 * KB] : [1 * KB, 20 * KB, 200 * KB]) {
      bench.progress(`key, ${promptChars / KB} KB`);
      yield compare(bench, promptChars);
    }
  },
};

const texts: ReadonlyArray<readonly [name: string, from: (text: string) => string]> = [
  ["English", (text) => text],
  ["one dash beyond ASCII", (text) => text.replace(" ", " \u2014 ")],
  ["Chinese", (text) => text.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(0x4e00 + letter.charCodeAt(0)))],
];

function compare(bench: Bench, promptChars: number): Table {
  const work = createWorkload({ promptChars, answerChars: 1 });
  const count = Math.ceil((bench.quick ? 200 : 400) / (promptChars / KB + 1));
  return {
    id: `key/${promptChars / KB}KB`,
    title: `Key of a request, prompt of ${promptChars / KB} KB`,
    columns: {
      ratio: { title: "x JSON.stringify and SHA-256" },
      floor: { title: "these, us", digits: 1 },
      wall: { title: "cacheKey, us", digits: 1 },
    },
    rows: texts.map(([name, from]) => {
      const jsons = Array.from({ length: count }, (_, index) => {
        const request = JSON.parse(work.requestText(index));
        request.messages[1].content = from(request.messages[1].content);
        return JSON.stringify(request);
      });
      const [floor, wall] = inTurns(bench.quick ? 15 : 101, jsons, [
        (request) => hash("sha256", JSON.stringify(request)),
        cacheKey,
      ]);
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

/** Microseconds a request, of each way in each round, after as many rounds again that do not count. */
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
