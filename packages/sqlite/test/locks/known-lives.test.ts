import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLivenessCache } from "../../src/locks/known-lives.ts";
import { isDead } from "../../src/locks/process-liveness.ts";
import { thisThread } from "../../src/locks/token.ts";

vi.mock("../../src/locks/process-liveness.ts", () => ({ isDead: vi.fn() }));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MAX_AGE_MS = 50;
const nobodyCanSay = () => undefined;
const one = { ...thisThread(), life: "00000000", thread: 1 };

test("a process is looked up once within the while, however many ask, and its death is seen after it", () => {
  const liveness = createLivenessCache(MAX_AGE_MS, nobodyCanSay);
  vi.mocked(isDead).mockClear().mockReturnValue(false);
  for (let lock = 0; lock < 50; lock++) expect(liveness.isDead({ ...one })).toBe(false);
  vi.advanceTimersByTime(MAX_AGE_MS - 1);
  vi.mocked(isDead).mockReturnValue(true);
  expect(liveness.isDead(one)).toBe(false);
  expect(isDead).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(liveness.isDead(one)).toBe(true);
});

test("what was known is looked up again once it is forgotten", () => {
  const liveness = createLivenessCache(MAX_AGE_MS, nobodyCanSay);
  vi.mocked(isDead).mockReturnValue(false);
  expect(liveness.isDead(one)).toBe(false);
  vi.mocked(isDead).mockReturnValue(true);
  liveness.clear();
  expect(liveness.isDead(one)).toBe(true);
});

test("processes are told apart by their thread, their start, their boot and their namespace", () => {
  const liveness = createLivenessCache(MAX_AGE_MS, nobodyCanSay);
  const others = [
    { ...one, thread: 2 },
    { ...one, start: "2" },
    { ...one, boot: "000000" },
    { ...one, namespace: "000000" },
  ];
  vi.mocked(isDead).mockImplementation((token) => token !== one);
  expect([one, ...others].map((token) => liveness.isDead(token))).toEqual([false, true, true, true, true]);
});
