import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createCallBudget } from "../../src/concurrency/call-budget.ts";
import { startTimer } from "../../src/concurrency/timer.ts";

/** Stops this thread, as a signal stops a process: its timers go on, and it reads nothing. */
const stopFor = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe("with a clock of its own", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("a timer ends when its time is up, and not before", () => {
    const end = vi.fn();
    startTimer(1_000, end);
    vi.advanceTimersByTime(999);
    expect(end).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(end).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a timer that is stopped does not end", () => {
    const end = vi.fn();
    startTimer(1_000, end)();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(2_000);
    expect(end).not.toHaveBeenCalled();
  });
});

test("a thread that was stopped for longer reads first what has arrived meanwhile", async () => {
  const { port1, port2 } = new MessageChannel();
  const first = await new Promise((resolve) => {
    port1.on("message", () => resolve("answer"));
    startTimer(200, () => resolve("end"));
    port2.postMessage("answer");
    stopFor(400);
  });
  port1.close();
  expect(first).toBe("answer");
});

test("the wait after a stop is bounded by the time itself", async () => {
  const end = Promise.withResolvers<number>();
  startTimer(100, () => end.resolve(performance.now()));
  stopFor(1_000);
  const resumedAt = performance.now();
  expect((await end.promise) - resumedAt).toBeLessThan(900);
});

test("a caller's time does not end at once when a stop ends", async () => {
  const budget = createCallBudget(undefined, 200, () => new Error("late"));
  budget.start();
  stopFor(400);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(budget.signal?.aborted).toBe(false);
  await new Promise((resolve) => budget.signal?.addEventListener("abort", resolve));
  expect(budget.signal?.reason).toEqual(new Error("late"));
  budget.end();
});
