import { expect, test } from "vitest";
import { barsOf, countLines, daysOf, timeLabels } from "../src/page/overview/plot-scale.ts";
import type { CallSum } from "../src/wire.ts";

const NONE = { prompt: 0, completion: 0, dollars: undefined, unpriced: 0 };
const sumOf = (misses: number): CallSum =>
  ({ hits: 2, joined: 1, misses, failures: 1, paid: NONE, saved: NONE }) as unknown as CallSum;

const HOUR = 4;
const at = new Date(2026, 10, 30, 13, 0).getTime() / 1_000;
const quarter = at / 900;

test("the calls of a moment are one bar of a quarter of an hour, in a span of some hours", () => {
  const { times, hits, misses, failures, span, length } = barsOf([[quarter, sumOf(60)]], 160);
  expect(length).toBe("15 minutes");
  expect(times.length).toBe(11);
  expect([hits, misses, failures].map((list) => list.at(-1))).toEqual([3, 60, 1]);
  expect(misses.slice(0, -1).every((count) => count === 0)).toBe(true);
  expect(times.at(-1)).toBe(at + 450);
  expect(span[1] - span[0]).toBe(3 * 3_600);
  expect(span[0]).toBeLessThan(times[0]! - 450);
  expect(span[1]).toBeGreaterThan(at + 900);
  expect(daysOf([[quarter, sumOf(60)]])).toBe("30 Nov 2026");
});

test("a long journal has fewer and longer bars, and a bar for each time without calls", () => {
  const year = 365 * 24 * HOUR;
  const { times, misses, length } = barsOf(
    [
      [quarter - year, sumOf(5)],
      [quarter - 1, sumOf(7)],
      [quarter, sumOf(8)],
    ],
    48,
  );
  expect(length).toBe("4 weeks");
  expect(times.length).toBeGreaterThanOrEqual(13);
  expect(times.length).toBeLessThan(48);
  expect(misses.reduce((sum, count) => sum + count)).toBe(20);
});

test.each([
  [1, [0, 1, 2]],
  [4, [0, 1, 2, 3, 4, 5]],
  [61, [0, 20, 40, 60, 80]],
  [100, [0, 20, 40, 60, 80, 100, 120]],
  [1_234, [0, 500, 1_000, 1_500]],
])("the lines of %d end above it", (most, lines) => {
  expect(countLines(most)).toEqual(lines);
});

test("labels are times within a day, then days, months and years", () => {
  expect(timeLabels([at, at + 11 * 3_600], 3_600)).toEqual(["13:00", "1 Dec"]);
  expect(timeLabels([at], 86_400)).toEqual(["30 Nov"]);
  expect(timeLabels([at], 30 * 86_400)).toEqual(["Nov 2026"]);
  expect(timeLabels([at], 400 * 86_400)).toEqual(["2026"]);
});
