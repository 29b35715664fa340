import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { withinDeadline } from "../src/deadline.ts";

const late = () => new Error("late");

describe("on a clock of its own", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("work that takes too long is late when the time is up, and not before", async () => {
    const outcome = vi.fn();
    withinDeadline(new Promise(() => {}), 1_000, late).catch(outcome);
    await vi.advanceTimersByTimeAsync(999);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).not.toHaveBeenCalled(); // One turn more.
    await vi.advanceTimersToNextTimerAsync();
    expect(outcome).toHaveBeenCalledWith(late());
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    ["answer", () => Promise.resolve("answer")],
    ["failure", () => Promise.reject(new Error("failure"))],
  ])("a timely %s is the outcome, and leaves no timer", async (text, work) => {
    const [outcome] = await Promise.allSettled([withinDeadline(work(), 1_000, late)]);
    expect(outcome).toMatchObject(text === "answer" ? { value: text } : { reason: { message: text } });
    await Promise.resolve();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("time in which the event loop stood still does not count, nor what it kept waiting", async () => {
  const work = Promise.withResolvers<string>();
  // As a client does it: what is asked goes out in another turn, and its answer comes in a third.
  setImmediate(() => setImmediate(() => setImmediate(() => work.resolve("answer"))));
  const outcome = withinDeadline(work.promise, 100, late);
  const until = performance.now() + 300;
  while (performance.now() < until);
  expect(await outcome).toBe("answer");
});
