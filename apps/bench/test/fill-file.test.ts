import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Filled, fillFile, makeFile } from "../src/harness/fill-file.ts";
import { openContestant } from "../src/harness/open-contestant.ts";
import type { Bench } from "../src/scenario.ts";
import { createWorkload } from "../src/workload.ts";

const size = { promptChars: 100, answerChars: 100 };

test.each<Filled>(["floor", "remem"])("what is put straight into the file of %s is kept for it", async (id) => {
  const directory = mkdtempSync(join(tmpdir(), "remem-bench-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const bench: Bench = { quick: true, directory: () => directory, redisUrl: undefined, progress() {} };
  await makeFile(bench, id, directory, size);
  await fillFile(directory, id, createWorkload(size), { first: 1, end: 20, told() {} });

  const contestant = await openContestant(bench, { tier: "sqlite", id, size, directory });
  onTestFinished(() => contestant.end());
  // The worker compares each answer with what the model would have said.
  expect(await contestant.tell("run", { first: 0, count: 20 })).toMatchObject({ generated: 0 });
  expect(await contestant.tell("run", { first: 20, count: 1 })).toMatchObject({ generated: 1 });
});
