import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Client } from "@remem/core";
import { startChild, withDescriptors } from "@remem/test-support/child";
import { connectTo } from "@remem/test-support/database";
import { canMount, smallDisk } from "@remem/test-support/mounts";
import { temporaryDirectory, temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, test, vi } from "vitest";
import { ask, echo, hearWarnings, open, rightAnswer, startServer } from "../client.ts";
import { execute, integrityOf } from "../database.ts";
import { processFile, startWorker } from "../worker.ts";

const questions = Array.from({ length: 20 }, (_, index) => `question ${index}`);

async function asksAll(client: Client, asked: readonly string[] = questions): Promise<Set<string>> {
  const results = await Promise.all(asked.map((question) => ask(client, question)));
  for (const [index, { response }] of results.entries()) expect(response).toBe(rightAnswer(asked[index]));
  return new Set(results.map(({ source }) => source));
}

let asked = 0;
/** Waits until a new answer is stored and served again. */
async function cachesAgain(client: Client): Promise<void> {
  await vi.waitFor(
    async () => {
      const question = `again ${asked++}`;
      await ask(client, question);
      expect(await ask(client, question)).toMatchObject({ source: "store" });
    },
    { timeout: 30_000, interval: 50 },
  );
}

const locksOf = (path: string): string => path.replace(/\.sqlite$/, ".locks");

/** Reads, writes and leases fail separately. Each warns once, however many calls fail. */
const isOneForEachOperation = (warnings: number): boolean => warnings >= 1 && warnings <= 3;

describe("every call is answered, with one warning, and answers are stored again as soon as possible:", () => {
  test("a lock directory that cannot be used", async () => {
    const warnings = hearWarnings();
    const path = temporaryFile();
    writeFileSync(locksOf(path), "in the way");
    const { client, events } = open({ provider: echo(), store: `sqlite:${path}` });
    expect(await asksAll(client)).toEqual(new Set(["provider"]));
    // Rows need no lock: only coalescing across processes is lost.
    expect(await asksAll(client)).toEqual(new Set(["store"]));
    expect(warnings.codes).toEqual(["REMEM_STORE_FAILING"]);
    rmSync(locksOf(path));
    await vi.waitFor(
      async () => {
        await ask(client, `more ${asked++}`);
        expect(events.map(({ type }) => type)).toContain("store-recovered");
      },
      { timeout: 30_000, interval: 50 },
    );
  });

  test.skipIf(!canMount)("a full disk", async () => {
    const warnings = hearWarnings();
    const { directory } = smallDisk(2_048 * 1_024);
    const { client, events } = open({ provider: echo(), store: `sqlite:${join(directory, "cache.sqlite")}` });
    await asksAll(client);
    const ballast = join(directory, "ballast");
    expect(() => writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024))).toThrow("ENOSPC");
    const large = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(300_000));
    for (const question of large) await asksAll(client, [question]);
    expect(warnings.codes.length).toSatisfy(isOneForEachOperation);
    expect(await asksAll(client)).toEqual(new Set(["store"]));
    rmSync(ballast);
    await cachesAgain(client);
    expect(events.map(({ type }) => type)).toContain("store-recovered");
    expect(integrityOf(join(directory, "cache.sqlite"))).toBe("ok");
  });

  test.skipIf(!canMount)("a disk that is full from the start", async () => {
    hearWarnings();
    const { directory } = smallDisk(256 * 1_024);
    const ballast = join(directory, "ballast");
    expect(() => writeFileSync(ballast, Buffer.alloc(1024 * 1024))).toThrow("ENOSPC");
    const { client } = open({ provider: echo(), store: `sqlite:${join(directory, "cache.sqlite")}` });
    expect(await asksAll(client)).toEqual(new Set(["provider"]));
    rmSync(ballast);
    await cachesAgain(client);
  });

  test.skipIf(process.platform === "win32").each(["before the store is open", "while the store is open"])(
    "no file descriptors left %s",
    async (when) => {
      // Warnings are counted, not printed.
      const options = { ...withDescriptors(128), env: { NODE_NO_WARNINGS: "1" } };
      const { code, output } = await startChild(processFile("descriptors"), [temporaryFile(), when], options).end;
      expect(output).not.toContain("Error");
      expect({ code, report: JSON.parse(output) }).toEqual({
        code: 0,
        report: { wrong: 0, cachesAgain: true, warnings: expect.toSatisfy(isOneForEachOperation) },
      });
    },
  );

  test("a directory that is deleted while in use", async () => {
    hearWarnings();
    const path = join(temporaryDirectory(), "cache", "cache.sqlite");
    const { client } = open({ provider: echo(), store: `sqlite:${path}` });
    for (let round = 0; round < 3; round++) {
      await asksAll(client);
      rmSync(dirname(path), { recursive: true, force: true });
    }
    await asksAll(client);
    await cachesAgain(client);
    expect(existsSync(path)).toBe(true);
  });

  test("a directory in place of the file", async () => {
    const warnings = hearWarnings();
    const path = temporaryFile();
    mkdirSync(path);
    const provider = echo();
    const { client } = open({ provider, cacheDir: dirname(path), cacheFilename: "cache.sqlite" });
    expect(await asksAll(client)).toEqual(new Set(["provider"]));
    expect(warnings.codes.length).toSatisfy(isOneForEachOperation);
    rmSync(path, { recursive: true });
    await cachesAgain(client);
  });

  test("a file of another program, which is left unchanged", async () => {
    hearWarnings();
    const path = temporaryFile();
    execute(path, "CREATE TABLE theirs (a); INSERT INTO theirs VALUES ('precious'); PRAGMA user_version = 7");
    const { client } = open({ provider: echo(), store: `sqlite:${path}` });
    expect(await asksAll(client)).toEqual(new Set(["provider"]));
    await client.close();
    expect(connectTo(path).prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "theirs" }]);
    expect(readdirSync(dirname(path)).filter((name) => name.includes("corrupt"))).toEqual([]);
  });
});

test.skipIf(!canMount)("in a read-only directory hits are served and misses go to the provider", async () => {
  const warnings = hearWarnings();
  const disk = smallDisk(4_096 * 1_024);
  const store = `sqlite:${join(disk.directory, "cache.sqlite")}`;
  const before = open({ provider: echo(), store });
  await asksAll(before.client);
  await before.client.close();
  disk.setReadOnly(true);

  const { client } = open({ provider: echo(), store });
  expect(await asksAll(client)).toEqual(new Set(["store"]));
  expect(warnings.codes).toEqual([]);
  const others = questions.map((question) => `other ${question}`);
  expect(await asksAll(client, others)).toEqual(new Set(["provider"]));
  expect(await asksAll(client)).toEqual(new Set(["store"]));
  disk.setReadOnly(false);
  await cachesAgain(client);
});

test("twelve processes can open a new cache at once, and no acknowledged write is lost", async () => {
  const server = await startServer();
  const path = join(temporaryDirectory(), "new", "cache.sqlite");
  const options = { store: `sqlite:${path}`, baseURL: server.baseURL };
  const workers = await Promise.all(Array.from({ length: 12 }, () => startWorker(options)));
  const asked = workers.map((_, worker) => questions.map((question) => `worker ${worker}, ${question}`));
  const answers = await Promise.all(workers.map((worker, index) => worker.ask(asked[index]!)));
  for (const worker of workers) {
    const told = worker.events.map(({ event }) => event);
    expect(told.filter((event) => event === "stored")).toHaveLength(questions.length);
    expect(told).not.toContain("store-error");
    expect(await worker.close()).toMatchObject({ code: 0, output: "" });
  }
  const later = await startWorker(options);
  expect(await later.ask(asked.flat())).toEqual(answers.flat().map(({ response }) => ({ response, source: "store" })));
  expect(integrityOf(path)).toBe("ok");
}, 120_000);

test("while a foreign connection holds BEGIN EXCLUSIVE, hits are served, writes wait, and the event loop is not blocked", async ({
  annotate,
}) => {
  const path = temporaryFile();
  const { client, events } = open({ provider: echo(), store: `sqlite:${path}` });
  await asksAll(client);
  const foreign = connectTo(path);
  foreign.exec("BEGIN EXCLUSIVE");
  const others = questions.map((question) => `other ${question}`);
  const misses = asksAll(client, others);

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await vi.waitFor(() => expect(delay.count).toBeGreaterThan(200), { timeout: 30_000, interval: 20 });
  expect(await asksAll(client)).toEqual(new Set(["store"]));
  delay.disable();
  await annotate(`95 % of its turns took less than ${(delay.percentile(95) / 1e6).toFixed(1)} ms`);
  expect(events.filter(({ type }) => type === "stored")).toHaveLength(questions.length);

  foreign.exec("COMMIT");
  expect(await misses).toEqual(new Set(["provider"]));
  expect(await asksAll(client, others)).toEqual(new Set(["store"]));
  expect(events.map(({ type }) => type)).not.toContain("store-error");
});

test("a loop of hits does not starve timers and sockets", async () => {
  const { client } = open({ provider: echo(), store: `sqlite:${temporaryFile()}` });
  await ask(client, "Hi");
  let hadItsTurn = false;
  setTimeout(() => {
    hadItsTurn = true;
  });
  for (let hit = 0; hit < 2_000 && !hadItsTurn; hit++) await ask(client, "Hi");
  expect(hadItsTurn).toBe(true);
});
