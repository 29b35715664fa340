import { copyFileSync, cpSync, existsSync, readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { expect, test } from "vitest";
import { startServer } from "../client.ts";
import { integrityOf } from "../database.ts";
import { startWorker, type Worker } from "../worker.ts";

/** Of 4 KB and more, so that most of an entry lies on pages of its own. */
const questions = (name: string, count = 40): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index} `.repeat(400 + 10 * index));
const SAVED = questions("saved");

interface Saved {
  readonly path: string;
  readonly backup: string;
  start(): Promise<Worker>;
  /** Asks what is in the backup, and fails where an answer is another one than before. */
  askSaved(worker: Worker): Promise<Set<string | undefined>>;
  /** How often the provider was asked what is in the backup. */
  readonly callsOfSaved: number;
}

/** A cache with a backup of it, made while nobody had it open. */
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

test("a backup that is moved in place again and again while processes ask: every answer is right, and all of the backup hits", async () => {
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
  "a backup that is %s to the place of a killed process' file: all of it hits",
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
      // What is overwritten with what was there before the -wal was begun is the same file, and the -wal its own.
      if (put === mv) expect(new Set(again.map(({ source }) => source))).toEqual(new Set(["provider"]));
      expect((await next.close()).code).toBe(0);
      isSound(cache.path);
    }
    expect(cache.callsOfSaved).toBe(SAVED.length);
  },
  120_000,
);

test("a directory that is copied with all that a killed process has left in it: the last answers hit, too", async () => {
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
