import { describe, expect, test } from "vitest";
import { chartOfHits } from "../src/report/chart-of-hits.ts";
import type { Results } from "../src/report/results.ts";
import type { Table } from "../src/report/table.ts";

function hits(tier: string, size: string, ratios: Readonly<Record<string, number>>): Table {
  return {
    id: `hit/${tier}/${size}`,
    title: "",
    columns: { ratio: { title: "x floor" } },
    rows: Object.entries(ratios).map(([name, median]) => ({
      name,
      cells: { ratio: { median, low: median, high: median } },
    })),
  };
}

function resultsOf(...tables: Table[]): Results {
  return { machine: ["Node 24", "2 x a CPU"], date: "2026-11-23", peers: [], tables };
}

/** The texts in it, from top to bottom. */
function textsIn(svg: string): string[] {
  return Array.from(svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)</g), ([, text]) => text!);
}

/** The starts and lengths of the bars, by name. */
function barsIn(svg: string): Map<string, { readonly from: number; readonly width: number; readonly color: string }> {
  const bars = svg.matchAll(
    /aria-label="[^"]*name: ([^";]+)[^"]*" [^>]*d="M([\d.-]+),[\d.-]+h([\d.]+)[^>]*fill="([^"]+)"/g,
  );
  return new Map(
    Array.from(bars, ([, name, from, width, color]) => [
      name!,
      { from: Number(from), width: Number(width), color: color! },
    ]),
  );
}

const memory = hits("memory", "1KB", { floor: 1, slow: 100, remem: 1.2, middle: 10 });

describe("the chart of hits", () => {
  test("names what it shows, and the date and machine", async () => {
    const texts = textsIn(await chartOfHits(resultsOf(memory)));
    expect(texts).toContain("What a hit costs, as a multiple of the shortest correct code");
    expect(texts).toContain("2026-11-23; Node 24, 2 x a CPU");
  });

  test("has a part for each tier, sorted by cost, with prompts of 1 KB only", async () => {
    const other = hits("sqlite", "1KB", { floor: 1, remem: 1.4 });
    const larger = hits("sqlite", "20KB", { floor: 1, remem: 77 });
    const texts = textsIn(await chartOfHits(resultsOf(memory, other, larger)));
    expect(texts.filter((text) => text.startsWith("In "))).toEqual(["In memory", "In SQLite"]);
    expect(texts.filter((text) => / x$/.test(text))).toEqual(["1.2 x", "10.0 x", "100.0 x", "1.4 x"]);
  });

  test("draws logarithmic bars from the floor, with a separate colour for remem", async () => {
    const bars = barsIn(await chartOfHits(resultsOf(memory)));
    const [remem, middle, slow] = ["remem", "middle", "slow"].map((name) => bars.get(name)!);
    expect(new Set([remem!.from, middle!.from, slow!.from]).size).toBe(1);
    expect(slow!.width / middle!.width).toBeCloseTo(2, 1);
    expect(middle!.color).toBe(slow!.color);
    expect(remem!.color).not.toBe(slow!.color);
  });

  test("draws values below the floor to the other side", async () => {
    const bars = barsIn(await chartOfHits(resultsOf(hits("memory", "1KB", { floor: 1, cheap: 0.5, remem: 2 }))));
    expect(bars.get("cheap")!.from + bars.get("cheap")!.width).toBeCloseTo(bars.get("remem")!.from);
  });

  test("is the same for the same results", async () => {
    expect(await chartOfHits(resultsOf(memory))).toBe(await chartOfHits(resultsOf(memory)));
  });

  test("refuses results without hits", async () => {
    await expect(chartOfHits(resultsOf())).rejects.toThrow("There are no hits in these results");
  });
});
