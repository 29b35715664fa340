import { expect, test, vi } from "vitest";
import { startServer } from "./client.ts";
import { sharedStores } from "./stores.ts";
import { startWorker, type Worker } from "./worker.ts";

// The lease cannot be shortened, so this slow test is in a file of its own, next to which others run.

const answer = (content: string) => ({
  body: {
    id: "1",
    model: "gpt-4o-mini",
    created: 0,
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
  },
});

const closed = (workers: readonly Worker[]) => Promise.all(workers.map(async (worker) => (await worker.close()).code));

async function startFour(store: string) {
  const server = await startServer({ latencyMs: 2_000 });
  server.script([answer("of the stopped leader"), answer("of its successor")]);
  const options = { store, baseURL: server.baseURL };
  const [stopped, ...others] = await Promise.all(Array.from({ length: 4 }, () => startWorker(options)));
  const reached = (calls: number) =>
    vi.waitFor(() => expect(server.calls).toBe(calls), { timeout: 60_000, interval: 10 });
  return { server, stopped: stopped!, others, reached };
}

async function wokenWhileItsSuccessorLeads(store: string): Promise<void> {
  const { server, stopped, others, reached } = await startFour(store);
  const own = stopped.ask(["Hi"]);
  await reached(1);
  const answers = Promise.all(others.map((worker) => worker.ask(["Hi"])));
  stopped.process.kill("SIGSTOP");
  await reached(2);
  stopped.process.kill("SIGCONT");
  expect(await own).toEqual([{ response: "of the stopped leader", source: "provider" }]);
  const outcomes = (await answers).flat();
  // If the resumed process had removed the lock of its successor, the others would have called the provider.
  expect(outcomes.filter(({ source }) => source === "provider")).toHaveLength(1);
  expect(server.calls).toBe(2);
  expect(await closed([stopped, ...others])).toEqual([0, 0, 0, 0]);
}

async function wokenAfterItsSuccessorHasAnswered(store: string): Promise<void> {
  const { server, stopped, others, reached } = await startFour(store);
  const own = stopped.ask(["Hi"]);
  await reached(1);
  const answers = Promise.all(others.map((worker) => worker.ask(["Hi"])));
  stopped.process.kill("SIGSTOP");
  const outcomes = (await answers).flat();
  expect(new Set(outcomes.map(({ response }) => response))).toEqual(new Set(["of its successor"]));
  stopped.process.kill("SIGCONT");
  expect(await own).toEqual([{ response: "of the stopped leader", source: "provider" }]);
  for (const worker of [stopped, ...others]) {
    expect(await worker.ask(["Hi"])).toEqual([{ response: "of its successor", source: "store" }]);
  }
  expect(server.calls).toBe(2);
  expect(await closed([stopped, ...others])).toEqual([0, 0, 0, 0]);
}

test.each(sharedStores)(
  "a leader that is stopped beyond its lease and then resumed, over $name: one process takes over, and the old leader answers its own callers, replaces no entry and removes no lock",
  { timeout: 120_000 },
  async ({ open }) => {
    const stores = await Promise.all([open(), open()]);
    await Promise.all([wokenWhileItsSuccessorLeads(stores[0]), wokenAfterItsSuccessorHasAnswered(stores[1])]);
  },
);
