import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { openBench } from "../src/bench.ts";

test("a bench hands out every directory and database once, and leaves nothing behind", async () => {
  const bench = await openBench("least");
  const directories = [bench.directory(), bench.directory()];
  expect(directories.map((directory) => readdirSync(directory))).toEqual([[], []]);
  expect(new Set(directories).size).toBe(2);
  if (bench.redis !== undefined) expect(new Set([bench.redis(), bench.redis(), bench.redis()]).size).toBe(3);
  await bench.end();
  expect(directories.filter(existsSync)).toEqual([]);
});
