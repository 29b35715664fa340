import { describe, expect, test } from "vitest";
import { textOfTable } from "../src/report/print.ts";
import { type Aim, isReached, type Table } from "../src/report/table.ts";

const table: Table = {
  id: "hit/memory",
  title: "Hit, memory",
  columns: { ratio: { title: "x floor" }, calls: { title: "calls", digits: 0 } },
  rows: [
    { name: "floor", cells: { ratio: 1, calls: 50 } },
    { name: "remem", cells: { ratio: { median: 1.254, low: 1.2, high: 1.3 }, calls: "few" } },
  ],
};

describe("a table as text", () => {
  test("has a line for each row, with right-aligned figures and the decimal places of their column", () => {
    expect(textOfTable(table).split("\n")).toEqual([
      "Hit, memory",
      "                   x floor  calls",
      "floor                 1.00     50",
      "remem  1.25 (1.20 to 1.30)    few",
    ]);
  });

  test("leaves empty cells blank", () => {
    const [, , , last] = textOfTable({
      ...table,
      rows: [...table.rows.slice(0, 1), { name: "none", cells: {} }],
    }).split("\n");
    expect(last?.trim()).toBe("none");
  });

  test("ends with its aims, reached or missed, and its notes", () => {
    const aims = [
      { row: "remem", column: "ratio", most: 1.3 },
      { row: "remem", column: "ratio", least: 1.5 },
      { row: "floor", column: "calls", most: 50, least: 50 },
      { row: "nobody", column: "ratio", most: 1 },
    ];
    expect(
      textOfTable({ ...table, aims, notes: ["Once."] })
        .split("\n")
        .slice(4),
    ).toEqual([
      "+ aim: remem, x floor: at most 1.3; now 1.25",
      "- aim: remem, x floor: at least 1.5; now 1.25",
      "+ aim: floor, calls: exactly 50; now 50",
      "- aim: nobody, x floor: at most 1; now nothing",
      "(Once.)",
    ]);
  });
});

describe("an aim", () => {
  const reached = (bounds: Partial<Aim>): boolean => isReached(table, { row: "remem", column: "ratio", ...bounds });

  test("is reached if the unrounded median is within its bounds", () => {
    expect(reached({ most: 1.254 })).toBe(true);
    expect(reached({ most: 1.253 })).toBe(false);
    expect(reached({ least: 1.254 })).toBe(true);
    expect(reached({ least: 1.255 })).toBe(false);
  });

  test("is missed without a figure", () => {
    expect(reached({ column: "calls", most: 1 })).toBe(false);
    expect(reached({ column: "nothing", most: 1 })).toBe(false);
  });
});
