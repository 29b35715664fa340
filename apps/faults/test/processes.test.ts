import { readdirSync, statSync, utimesSync } from "node:fs";
import { Worker as Thread } from "node:worker_threads";
import { CONTAINED, canContain } from "@remem/test-support/container";
import { temporaryFile } from "@remem/test-support/temporary";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ask, open, startServer } from "./client.ts";
import { integrityOf } from "./database.ts";
import { sharedStores } from "./stores.ts";
import { fileOf, type Outcome, startWorker, type Worker } from "./worker.ts";

const YEAR_MS = 365 * 24 * 3_600_000;

const reached = (server: { readonly calls: number }, calls: number): Promise<void> =>
  vi.waitFor(() => expect(server.calls).toBe(calls), { timeout: 30_000, interval: 10 });

async function endsByItself(workers: readonly Worker[]): Promise<void> {
  for (const { code, signal } of await Promise.all(workers.map((worker) => worker.close()))) {
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  }
}

const intact = (url: string): void => {
  if (url.startsWith("sqlite:")) expect(integrityOf(url.slice("sqlite:".length))).toBe("ok");
};

// Over Redis a dead leader is succeeded when its lease of 15 s has expired.
describe.each(sharedStores)("over $name", { timeout: 180_000 }, ({ open }) => {
  test("16 processes × the same 100 requests, three times each: 100 provider calls, and identical answers everywhere", async () => {
    const server = await startServer({ latencyMs: 100 });
    const store = await open();
    const options = { store, baseURL: server.baseURL };
    const workers = await Promise.all(Array.from({ length: 16 }, () => startWorker(options)));
    const questions = Array.from({ length: 100 }, (_, index) => `question ${index}`);
    const answers = await Promise.all(
      workers.map(async (worker) => [
        ...(await Promise.all([worker.ask(questions), worker.ask(questions)])),
        await worker.ask(questions),
      ]),
    );
    expect(server.calls).toBe(100);
    const right = answers[0]![0]!.map(({ response }) => response);
    expect(new Set(right).size).toBe(100);
    for (const rounds of answers) {
      for (const round of rounds) expect(round.map(({ response }) => response)).toEqual(right);
      expect(new Set(rounds[2]!.map(({ source }) => source))).toEqual(new Set(["store"]));
    }
    await endsByItself(workers);
    intact(store);
  });

  test("kill -9 of the leader: a follower takes over, with one more call per kill", async () => {
    const server = await startServer();
    const store = await open();
    const options = { store, baseURL: server.baseURL };
    const workers = await Promise.all(Array.from({ length: 4 }, () => startWorker(options)));
    const [first, second, ...others] = workers as [Worker, Worker, ...Worker[]];
    server.script([{ stall: "headers" }, { stall: "headers" }]);
    first.ask(["Hi"]).catch(() => {});
    await reached(server, 1);
    second.ask(["Hi"]).catch(() => {});
    first.process.kill("SIGKILL");
    await reached(server, 2);
    const answers = Promise.all(others.map((worker) => worker.ask(["Hi"])));
    second.process.kill("SIGKILL");
    const outcomes = (await answers).flat();
    expect(server.calls).toBe(3);
    expect(outcomes.map(({ source }) => source).sort()).toEqual(["provider", "store"]);
    expect(new Set(outcomes.map(({ response }) => response)).size).toBe(1);
    await endsByItself(others);
    intact(store);
  });

  test("an abort in the leader: the call is cancelled, and another process takes over", async () => {
    const server = await startServer();
    const options = { store: await open(), baseURL: server.baseURL };
    const [leader, other] = await Promise.all([startWorker(options), startWorker(options)]);
    server.script([{ stall: "headers" }]);
    const leaving = new AbortController();
    const left = leader.ask(["Hi"], leaving.signal);
    await reached(server, 1);
    const stayed = other.ask(["Hi"]);
    leaving.abort();
    expect(await left).toMatchObject([{ error: "AbortError" }]);
    expect(await stayed).toMatchObject([{ source: "provider" }]);
    expect(await leader.ask(["Hi"])).toMatchObject([{ source: "store" }]);
    expect(server.calls).toBe(2);
    await endsByItself([leader, other]);
  });

  test("a failure of the leader's provider is its own: another process tries", async () => {
    const server = await startServer({ latencyMs: 300 });
    const options = { store: await open(), baseURL: server.baseURL };
    const [leader, other] = await Promise.all([startWorker(options), startWorker(options)]);
    server.script([{ status: 400 }]);
    const failed = leader.ask(["Hi"]);
    await reached(server, 1);
    const answered = other.ask(["Hi"]);
    expect(await failed).toMatchObject([{ error: "PROVIDER_ERROR" }]);
    expect(await answered).toMatchObject([{ source: "provider" }]);
    await endsByItself([leader, other]);
  });

  test.each([-30 * YEAR_MS, 30 * YEAR_MS])(
    "a clock that is off by years (%i ms): no lease of a live leader is taken, and entries without an expiry are hits",
    async (skewMs) => {
      const server = await startServer({ latencyMs: 1_000 });
      const options = { store: await open(), baseURL: server.baseURL };
      const [right, wrong] = await Promise.all([startWorker(options), startWorker({ ...options, skewMs })]);
      const inTurn = [
        { leader: right, other: wrong, question: "led by the right clock" },
        { leader: wrong, other: right, question: "led by the wrong clock" },
      ];
      for (const [index, { leader, other, question }] of inTurn.entries()) {
        const led = leader.ask([question]);
        await reached(server, index + 1);
        const waited = other.ask([question]);
        expect([...(await led), ...(await waited)].map(({ source }) => source)).toEqual(["provider", "store"]);
        expect([...(await leader.ask([question])), ...(await other.ask([question]))]).toMatchObject([
          { source: "store" },
          { source: "store" },
        ]);
      }
      expect(server.calls).toBe(2);
      await endsByItself([right, wrong]);
    },
  );
});

test("hits need no lock: a run of hits creates no lock file and looks for none", async () => {
  const server = await startServer();
  const path = temporaryFile();
  const options = { store: `sqlite:${path}`, baseURL: server.baseURL };
  const first = await startWorker(options);
  await first.ask(["a", "b", "c"]);
  await endsByItself([first]);

  const locks = path.replace(/\.sqlite$/, ".locks");
  expect(readdirSync(locks)).toEqual(["cache"]);
  const longAgo = new Date(0);
  utimesSync(locks, longAgo, longAgo);
  const second = await startWorker(options);
  for (const { source } of await second.ask(["a", "b", "c"])) expect(source).toBe("store");
  await endsByItself([second]);
  // Creating or removing anything in a directory changes its time.
  expect(statSync(locks).mtimeMs).toBe(0);
});

describe("over SQLite the kernel tells at once which leaders are dead, and no live one counts as dead:", () => {
  // Less than a lease, which would otherwise have to expire.
  const options = { timeout: 20_000 };

  test("a leading worker thread that is terminated, in a process that lives on", options, async () => {
    const server = await startServer();
    const store = `sqlite:${temporaryFile()}`;
    server.script([{ stall: "headers" }]);
    const thread = new Thread(fileOf("thread"), { workerData: { store, baseURL: server.baseURL } });
    onTestFinished(() => void thread.terminate());
    await reached(server, 1);
    const waiter = await startWorker({ store, baseURL: server.baseURL });
    const waits = waiter.ask(["Hi"]);
    const { client } = open({ store, baseURL: server.baseURL, apiKey: "sk-test" });
    const besideIt = ask(client, "Hi");
    await thread.terminate();
    const [{ response }] = (await waits) as [Outcome];
    expect(await besideIt).toMatchObject({ response });
    expect(server.calls).toBe(2);
  });

  test.skipIf(!canContain)("a killed leader in another container", options, async () => {
    const server = await startServer();
    const common = { store: `sqlite:${temporaryFile()}`, baseURL: server.baseURL };
    server.script([{ stall: "headers" }]);
    const leader = await startWorker(common, CONTAINED);
    leader.ask(["Hi"]).catch(() => {});
    await reached(server, 1);
    const workers = await Promise.all([startWorker(common), startWorker(common, CONTAINED)]);
    const answers = workers.map((worker) => worker.ask(["Hi"]));
    leader.process.kill("SIGKILL");
    const [[one], [other]] = (await Promise.all(answers)) as [[Outcome], [Outcome]];
    expect(one.response).toBe(other.response);
    expect(server.calls).toBe(2);
  });

  test.skipIf(!canContain)("a live but slow leader in another container", options, async () => {
    const server = await startServer({ latencyMs: 3_000 });
    const common = { store: `sqlite:${temporaryFile()}`, baseURL: server.baseURL };
    const leader = await startWorker(common, CONTAINED);
    const leads = leader.ask(["Hi"]);
    await reached(server, 1);
    const workers = await Promise.all([startWorker(common), startWorker(common, CONTAINED)]);
    const answers = await Promise.all(workers.map((worker) => worker.ask(["Hi"])));
    const [{ response }] = (await leads) as [Outcome];
    expect(answers).toEqual([[{ response, source: "store" }], [{ response, source: "store" }]]);
    expect(server.calls).toBe(1);
  });
});
