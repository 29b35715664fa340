import { expect, test } from "vitest";
import { alike, dollars } from "../src/page/parts/format.ts";

// As the command has it.
test.each([
  [0, "$0.00"],
  [0.00044, "$0.00044"],
  [0.0000012, "$0.0000012"],
  [0.0125, "$0.013"],
  [0.3, "$0.3"],
  [1.5, "$1.50"],
  [1_234.5, "$1,234.50"],
])("%d dollars are %s", (value, text) => {
  expect(dollars(value)).toBe(text);
});

test("a likeness is rounded down", () => {
  expect([0.876, 0.9999, 1].map(alike)).toEqual(["87 %", "99 %", "100 %"]);
});
