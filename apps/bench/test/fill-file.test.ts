import { expect, onTestFinished, test } from "vitest";
import { openBench } from "../src/bench.ts";
import { withContestants } from "../src/harness/contestant-process.ts";
import { type Filled, fillFile } from "../src/harness/fill-file.ts";
import { keepAnswers } from "../src/harness/keep-answers.ts";
import { createWorkload } from "../src/workload.ts";

const size = { promptChars: 100, answerChars: 100 };

test.each<Filled>(["floor", "remem"])("answers written directly into the file of %s are hits", async (id) => {
  const bench = await openBench("least");
  onTestFinished(() => bench.end());
  const opening = { tier: "sqlite", id, size, directory: bench.directory() } as const;
  await keepAnswers(bench, opening, 1);
  await fillFile(opening.directory, id, createWorkload(size), { first: 1, end: 20, told() {} });

  await withContestants(bench, new Map([[id, opening]]), async (contestants) => {
    const contestant = contestants.get(id)!;
    // The process of the contestant compares each answer with that of the model.
    expect(await contestant.tell("run", { first: 0, count: 20 })).toMatchObject({ generated: 0 });
    expect(await contestant.tell("run", { first: 20, count: 1 })).toMatchObject({ generated: 1 });
  });
});
