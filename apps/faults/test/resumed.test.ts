import { expect, test, vi } from "vitest";
import { startServer } from "./client.ts";
import { startWorker } from "./worker.ts";

const TIMEOUT_MS = 3_000;

test("a process that is stopped for longer than the timeout of its attempts reads, once resumed, what was answered meanwhile", {
  timeout: 60_000,
}, async () => {
  const server = await startServer({ latencyMs: 1_000 });
  const worker = await startWorker({ store: "memory:", baseURL: server.baseURL, timeoutMs: TIMEOUT_MS });
  const contents = Array.from({ length: 10 }, (_, n) => `question ${n}`);
  const outcomes = worker.ask(contents);
  await vi.waitFor(() => expect(server.calls).toBe(10), { timeout: 30_000, interval: 5 });
  worker.process.kill("SIGSTOP");
  const stoppedAt = performance.now();
  await vi.waitFor(() => expect(performance.now() - stoppedAt).toBeGreaterThan(2 * TIMEOUT_MS), 30_000);
  worker.process.kill("SIGCONT");
  expect((await outcomes).map(({ source }) => source)).toEqual(contents.map(() => "provider"));
  expect(server.calls).toBe(10);
  expect((await worker.close()).code).toBe(0);
});
