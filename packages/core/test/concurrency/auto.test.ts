import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { type Client, createClient, memoryStore } from "../../src/index.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] }));
afterEach(() => void vi.useRealTimers());

/** A server that works on so many calls at a time, a second for each; others queue there. `running` counts both. */
function serverOf(capacity: number) {
  const queue: Array<() => void> = [];
  let busy = 0;
  let running = 0;
  async function work(): Promise<void> {
    if (busy === capacity) await new Promise<void>((resolve) => queue.push(resolve));
    else busy += 1;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const next = queue.shift();
    if (next === undefined) busy -= 1;
    else next();
  }
  const client: Client = createClient({
    store: memoryStore(),
    params: { model: "m" },
    provider: {
      specVersion: 1,
      id: "p",
      async generate() {
        running += 1;
        await work();
        running -= 1;
        const message = { role: "assistant", content: "Yes" };
        return { id: "1", model: "m", created: 1, choices: [{ index: 0, finish_reason: "stop", message }] };
      },
    },
  });
  onTestFinished(() => client.close());
  return { client, running: () => running };
}

const prompts = (count: number) => Array.from({ length: count }, (_, index) => `question ${index}`);

test("concurrency auto doubles as long as that makes calls end faster", async () => {
  const { client, running } = serverOf(1_000);
  const results = client.batchInfer(prompts(2_000), {}, { concurrency: "auto" });
  const widths: number[] = [];
  for (let second = 0; second < 8; second++) {
    await vi.advanceTimersByTimeAsync(second === 0 ? 500 : 1_000);
    widths.push(running());
  }
  expect(widths).toEqual([8, 16, 32, 64, 128, 256, 256, 256]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await results).every(({ error }) => error === undefined)).toBe(true);
});

test("concurrency auto stops where more calls only wait longer in the server", async () => {
  const { client, running } = serverOf(20);
  const results = client.batchInfer(prompts(600), {}, { concurrency: "auto" });
  let widest = 0;
  for (let second = 0; second < 35; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    widest = Math.max(widest, running());
  }
  expect(widest).toBe(32);
  expect(await results).toHaveLength(600);
});

test("concurrency auto does not judge by times in which few calls came", async () => {
  const { client, running } = serverOf(1_000);
  async function* slowThenMany() {
    for (const prompt of prompts(40)) {
      if (prompt.endsWith("9")) await new Promise((resolve) => setTimeout(resolve, 5_000));
      yield `early ${prompt}`;
    }
    yield* prompts(1_000);
  }
  let widest = 0;
  const answered = (async () => {
    for await (const { error } of client.inferEach(slowThenMany(), { concurrency: "auto" }))
      expect(error).toBeUndefined();
  })();
  for (let second = 0; second < 60; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    widest = Math.max(widest, running());
  }
  await answered;
  expect(widest).toBeGreaterThanOrEqual(128);
});

test("another word is refused", async () => {
  const { client } = serverOf(1);
  const call = client.batchInfer(["Hi"], {}, { concurrency: "many" as "auto" });
  await expect(call).rejects.toThrow('`concurrency` must be a whole number from 1, or "auto"');
});
