import { copyFileSync, cpSync, existsSync, readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { expect, test } from "vitest";
import { startServer } from "../client.ts";
import { integrityOf } from "../database.ts";
import { startWorker, type Worker } from "../worker.ts";

/** More than 4 KB, so that most of an entry is on pages of its own. */
const questions = (name: string, count = 40): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index} `.repeat(400 + 10 * index));
const SAVED = questions("saved");

interface Saved {
  readonly path: string;
  readonly backup: string;
  start(): Promise<Worker>;
  /** Asks the questions of the backup, and fails if an answer differs from before. */
  askSaved(worker: Worker): Promise<Set<string | undefined>>;
  /** The number of provider calls for questions of the backup. */
  readonly callsOfSaved: number;
}

/** A cache and its backup, made while no process had it open. */
async function saved(): Promise<Saved> {
  const server = await startServer();
  const path = join(temporaryDirectory(), "cache", "cache.sqlite");
  const backup = join(temporaryDirectory(), "backup.sqlite");
  const start = (): Promise<Worker> => startWorker({ store: `sqlite:${path}`, baseURL: server.baseURL });
  const first = await start();
  const right = await first.ask(SAVED);
  await first.close();
  copyFileSync(path, backup);
  return {
    path,
    backup,
    start,
    async askSaved(worker) {
      const answers = await worker.ask(SAVED);
      expect(answers.map(({ response }) => response)).toEqual(right.map(({ response }) => response));
      return new Set(answers.map(({ source }) => source));
    },
    get callsOfSaved() {
      return server.requests.filter(({ body }) => JSON.stringify(body).includes("saved ")).length;
    },
  };
}

function mv(from: string, to: string): void {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

function isSound(path: string): void {
  const corrupt = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.corrupt-`));
  expect(corrupt).toEqual([]);
  expect(integrityOf(path)).toBe("ok");
}

test("a backup is moved into place repeatedly while processes ask: every answer is right, and everything in the backup is a hit", async () => {
  const cache = await saved();
  const workers = await Promise.all(Array.from({ length: 4 }, cache.start));
  for (let round = 0; round < 12; round++) {
    const asked = workers.map((worker, index) => worker.ask(questions(`worker ${index}, round ${round}`, 10)));
    await asked[round % workers.length];
    mv(cache.backup, cache.path);
    for (const answers of await Promise.all(asked)) {
      expect(answers.filter(({ response }) => response === undefined)).toEqual([]);
    }
    for (const worker of workers) expect(await cache.askSaved(worker)).toEqual(new Set(["store"]));
  }
  for (const worker of workers) expect((await worker.close()).code).toBe(0);
  expect(cache.callsOfSaved).toBe(SAVED.length);
  isSound(cache.path);
}, 120_000);

test.each([
  ["moved", mv],
  ["copied", copyFileSync],
])(
  "a backup is %s over the file of a killed process: everything in it is a hit",
  async (_, put) => {
    const cache = await saved();
    for (const count of [1, 40, 400]) {
      const victim = await cache.start();
      const others = questions("other", count);
      const right = await victim.ask(others);
      victim.process.kill("SIGKILL");
      await victim.end;
      expect(existsSync(`${cache.path}-wal`)).toBe(true);
      put(cache.backup, cache.path);

      const next = await cache.start();
      expect(await cache.askSaved(next)).toEqual(new Set(["store"]));
      const again = await next.ask(others);
      expect(again.map(({ response }) => response)).toEqual(right.map(({ response }) => response));
      // A file that is overwritten with its own contents from before the -wal was begun is the same file, and the -wal belongs to it.
      if (put === mv) expect(new Set(again.map(({ source }) => source))).toEqual(new Set(["provider"]));
      expect((await next.close()).code).toBe(0);
      isSound(cache.path);
    }
    expect(cache.callsOfSaved).toBe(SAVED.length);
  },
  120_000,
);

test("a directory is copied with everything that a killed process left in it: the last answers are hits, too", async () => {
  const cache = await saved();
  const others = questions("other");
  const victim = await cache.start();
  await victim.ask(others);
  victim.process.kill("SIGKILL");
  await victim.end;
  const directory = dirname(cache.path);
  cpSync(directory, `${directory}-copy`, { recursive: true });
  renameSync(directory, `${directory}-moved`);
  renameSync(`${directory}-copy`, directory);

  const next = await cache.start();
  expect(await cache.askSaved(next)).toEqual(new Set(["store"]));
  expect(new Set((await next.ask(others)).map(({ source }) => source))).toEqual(new Set(["store"]));
  await next.close();
  isSound(cache.path);
});
