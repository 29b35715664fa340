import { expect, test } from "vitest";
import { shuffled } from "../src/harness/rounds.ts";
import { quantile, ratios, spreadOf } from "../src/harness/statistics.ts";

test("a quantile lies between two takes, as far as its share says", () => {
  expect(quantile([30, 10, 20, 40], 0)).toBe(10);
  expect(quantile([30, 10, 20, 40], 0.5)).toBe(25);
  expect(quantile([30, 10, 20, 40], 1)).toBe(40);
  expect(quantile([7], 0.99)).toBe(7);
  expect(() => quantile([], 0.5)).toThrow("There is no figure of nothing.");
});

test("a spread is the median, and where the middle half begins and ends", () => {
  expect(spreadOf([5, 1, 2, 4, 3])).toEqual({ median: 3, low: 2, high: 4 });
});

test("takes are compared with those of the floor in the same round", () => {
  expect(ratios([10, 200], [10, 100])).toEqual([1, 2]);
});

test("a shuffled list has all its members, and leaves the list as it is", () => {
  const list = [1, 2, 3, 4, 5];
  expect(shuffled(list).sort()).toEqual(list);
  expect(list).toEqual([1, 2, 3, 4, 5]);
});
