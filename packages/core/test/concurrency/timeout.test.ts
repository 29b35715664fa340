import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTimeout } from "../../src/concurrency/timeout.ts";

const late = () => new Error("late");

describe("with a clock of its own", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("an operation times out when its time is up, and not before", async () => {
    const outcome = vi.fn();
    createTimeout(1_000)(new Promise(() => {}), late).catch(outcome);
    await vi.advanceTimersByTimeAsync(999);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).not.toHaveBeenCalled(); // One turn more.
    await vi.advanceTimersToNextTimerAsync();
    expect(outcome).toHaveBeenCalledWith(late());
  });

  test("an operation that starts later has its whole time, and at most one tick more", async () => {
    const within = createTimeout(1_000);
    const outcome = vi.fn();
    void within(new Promise(() => {}), late).catch(() => {});
    await vi.advanceTimersByTimeAsync(950);
    within(new Promise(() => {}), late).catch(outcome);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect(outcome).toHaveBeenCalledWith(late());
  });

  test.each([
    ["answer", () => Promise.resolve("answer")],
    ["failure", () => Promise.reject(new Error("failure"))],
  ])("a timely %s is the outcome, and leaves no timer beyond the next step", async (text, work) => {
    const [outcome] = await Promise.allSettled([createTimeout(1_000)(work(), late)]);
    expect(outcome).toMatchObject(text === "answer" ? { value: text } : { reason: { message: text } });
    await vi.advanceTimersByTimeAsync(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("a pending operation keeps the process alive, and nothing else does", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const within = createTimeout(60_000);
  const work = Promise.withResolvers<void>();
  const outcome = within(work.promise, late);
  expect(timers()).toBe(before + 1);
  work.resolve();
  await outcome;
  expect(timers()).toBe(before);
  void within(new Promise(() => {}), late);
  expect(timers()).toBe(before + 1);
});

test("time in which the event loop is blocked does not count, and a reply that has arrived still wins", async () => {
  const work = Promise.withResolvers<string>();
  // As a client does it: what is asked goes out in another turn, and its answer comes in a third.
  setImmediate(() => setImmediate(() => setImmediate(() => work.resolve("answer"))));
  const outcome = createTimeout(100)(work.promise, late);
  const until = performance.now() + 300;
  while (performance.now() < until);
  expect(await outcome).toBe("answer");
});
