import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHeartbeat } from "../../src/locks/heartbeat.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function files(...there: string[]) {
  const paths = new Set(there);
  const touched: string[] = [];
  const touch = (path: string) => {
    touched.push(path);
    return paths.has(path);
  };
  return { paths, touched, touch };
}
const reason = () => new Error("taken over");

test("one timer touches all files as long as any is held", async () => {
  const { touch, touched } = files("a", "b");
  const heartbeat = createHeartbeat(touch, 5_000, reason);
  expect(vi.getTimerCount()).toBe(0);
  const [a, b] = [heartbeat.start("a"), heartbeat.start("b")];
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(touched).toEqual(["a", "b", "a", "b"]);
  a.stop();
  a.stop();
  vi.advanceTimersByTime(5_000);
  expect(touched.slice(4)).toEqual(["b"]);
  b.stop();
  expect(vi.getTimerCount()).toBe(0);
  heartbeat.start("a");
  expect(vi.getTimerCount()).toBe(1);
});

test("a missing file is lost and no longer touched; the others are kept", () => {
  const { touch, touched, paths } = files("a", "b");
  const heartbeat = createHeartbeat(touch, 5_000, reason);
  const [a, b] = [heartbeat.start("a"), heartbeat.start("b")];
  paths.delete("a");
  expect(a.lost.aborted).toBe(false);
  vi.advanceTimersByTime(5_000);
  expect(a.lost).toMatchObject({ aborted: true, reason: { message: "taken over" } });
  vi.advanceTimersByTime(5_000);
  expect(touched).toEqual(["a", "b", "b"]);
  expect(b.lost.aborted).toBe(false);
});

test("a file whose state is unknown counts as held, and the timer continues", () => {
  const { touch, paths } = files("a");
  const flaky = vi.fn(touch).mockImplementationOnce(() => {
    throw new Error("EIO");
  });
  const { lost } = createHeartbeat(flaky, 5_000, reason).start("a");
  vi.advanceTimersByTime(5_000);
  expect(lost.aborted).toBe(false);
  paths.clear();
  vi.advanceTimersByTime(5_000);
  expect(lost.aborted).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
