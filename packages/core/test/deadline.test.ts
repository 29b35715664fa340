import { expect, test, vi } from "vitest";
import { withinDeadline } from "../src/deadline.ts";

const late = () => new Error("late");

test("the work's outcome is given, whichever it is, and no timer is left behind", async () => {
  vi.useFakeTimers();
  expect(await withinDeadline(Promise.resolve("done"), 100, late)).toBe("done");
  await expect(withinDeadline(Promise.reject(new Error("failed")), 100, late)).rejects.toThrow("failed");
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test("work that takes longer ends with what `late` makes", async () => {
  await expect(withinDeadline(new Promise(() => {}), 1, late)).rejects.toThrow("late");
});

test("what has arrived while the event loop was blocked is not late", async () => {
  const arrival = Promise.withResolvers<string>();
  const work = withinDeadline(arrival.promise, 1, late);
  const blockedUntil = performance.now() + 20;
  setImmediate(() => arrival.resolve("in time"));
  while (performance.now() < blockedUntil);
  expect(await work).toBe("in time");
});
