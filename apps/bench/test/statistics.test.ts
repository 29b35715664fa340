import { expect, test } from "vitest";
import { shuffled } from "../src/harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../src/harness/statistics.ts";

test("a quantile is interpolated between two measurements", () => {
  expect(quantile([30, 10, 20, 40], 0)).toBe(10);
  expect(quantile([30, 10, 20, 40], 0.5)).toBe(25);
  expect(quantile([30, 10, 20, 40], 1)).toBe(40);
  expect(quantile([7], 0.99)).toBe(7);
  expect(() => quantile([], 0.5)).toThrow("A quantile needs at least one measurement.");
});

test("a spread is the median with the bounds of the middle half", () => {
  expect(spreadOf([5, 1, 2, 4, 3])).toEqual({ median: 3, low: 2, high: 4 });
});

test("measurements are compared with those of the floor in the same round", () => {
  expect(ratios([10, 200], [10, 100])).toEqual([1, 2]);
});

test("shuffling keeps all members, and does not modify the list", () => {
  const list = [1, 2, 3, 4, 5];
  expect(shuffled(list).sort()).toEqual(list);
  expect(list).toEqual([1, 2, 3, 4, 5]);
});
