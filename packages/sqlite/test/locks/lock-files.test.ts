import { temporaryDirectory } from "@remem/test-support/temporary";
import { expect, test } from "vitest";
import { type LockFiles, lockFiles } from "../../src/locks/lock-files.ts";
import { memoryFiles } from "./memory-files.ts";

const directories = ["a", "b", "c"];
const paths = directories.flatMap((directory) => ["x", "y"].map((name) => `${directory}/${name}`));

/** Every operation of the protocol once. */
const operations: ReadonlyArray<[name: string, run: (files: LockFiles) => unknown]> = [
  ["list .", ({ list }) => list(".")?.toSorted()],
  ...directories.flatMap((directory): typeof operations => [
    [`list ${directory}`, ({ list }) => list(directory)?.toSorted()],
    [`makeDirectory ${directory}`, ({ makeDirectory }) => makeDirectory(directory)],
    [`rmdir ${directory}`, ({ rmdir }) => rmdir(directory)],
    ...directories
      .filter((to) => to !== directory)
      .map((to): (typeof operations)[number] => [`move ${directory} ${to}`, ({ move }) => move(directory, to)]),
  ]),
  ...paths.flatMap((path): typeof operations => [
    [`create ${path}`, ({ create }) => create(path)],
    [`unlink ${path}`, ({ unlink }) => unlink(path)],
  ]),
];

function outcomeOf(files: LockFiles, run: (files: LockFiles) => unknown): unknown {
  try {
    return run(files);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

test("the file system behaves like the one in memory that the search of interleavings uses", () => {
  const real = lockFiles(temporaryDirectory());
  const memory = memoryFiles({}, { replacesEmpty: process.platform !== "win32" });
  const outcomes = new Set<string>();
  for (let seed = 1, count = 0; count < 5_000; count++) {
    seed = (seed * 48_271) % 2_147_483_647;
    const [name, run] = operations[seed % operations.length]!;
    const outcome = [name, outcomeOf(memory, run)];
    expect([name, outcomeOf(real, run)]).toEqual(outcome);
    outcomes.add(JSON.stringify(outcome));
  }
  expect(outcomes.size).toBeGreaterThan(2 * operations.length);
});

test("a touched file has a new time, and a missing file has none", async () => {
  const files = lockFiles(temporaryDirectory());
  files.makeDirectory("a");
  files.create("a/x");
  const before = files.touchedAt("a/x");
  while (files.touchedAt("a/x") === before) expect(files.touch("a/x")).toBe(true);
  files.unlink("a/x");
  expect(files.touch("a/x")).toBe(false);
  expect(files.touchedAt("a/x")).toBeUndefined();
});
