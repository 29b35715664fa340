import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Tier } from "../contestants.ts";
import type { Results } from "./results.ts";
import { figureIn, type Table } from "./table.ts";

const SHOWN = /^hit\/(.+)\/1KB$/;
const TIERS: Readonly<Record<Tier, string>> = {
  memory: "In memory",
  sqlite: "In SQLite",
  redis: "In Redis",
  tiered: "In memory before SQLite",
};
const INK = "#24292f";
const OURS = "#0b6e4f";
const OTHERS = "#9aa5b1";
const NAMES_WIDTH = 200;
const BARS_WIDTH = 480;
const BAR_HEIGHT = 18;

type Part = Extract<TopLevelSpec, { readonly vconcat: unknown }>["vconcat"][number];

interface Bar {
  readonly name: string;
  readonly ratio: number;
}

/**
 * Draws the cost of hits, as multiples of their floors, as an SVG: a part for each tier, the cheapest contestant first. The scale is
 * logarithmic, and every bar begins at a line at 1, the floor, so a bar of twice the length means the square of the ratio.
 */
export async function chartOfHits({ machine, date, tables }: Results): Promise<string> {
  const tiers = tables.filter(({ id }) => SHOWN.test(id)).map((table) => ({ table, bars: barsOf(table) }));
  if (tiers.length === 0) throw new Error("There are no hits in these results: run the bench with --only hit.");
  const ratios = tiers.flatMap(({ bars }) => bars.map(({ ratio }) => ratio));
  // Leaves room for the label of the longest bar.
  const domain = [Math.min(1, ...ratios), Math.max(...ratios) * 1.5];
  const spec: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    // Opaque, so that it is readable on a dark page.
    background: "#ffffff",
    padding: 16,
    title: {
      text: "What a hit costs, as a multiple of the shortest correct code",
      subtitle: [
        `${date}; ${machine.join(", ")}`,
        "Prompts of 1 KB, answers of 2 KB; the line is the shortest code, the scale logarithmic",
      ],
      anchor: "start",
      offset: 16,
    },
    config: {
      font: "Helvetica, Arial, sans-serif",
      title: { color: INK, fontSize: 16, subtitleColor: INK },
      axis: { labelColor: INK, labelFontSize: 12, labelLimit: 0, labelPadding: 8, domain: false, ticks: false },
      text: { color: INK, fontSize: 12 },
      view: { stroke: null },
    },
    vconcat: tiers.map(({ table, bars }) => tierOf(table, bars, domain)),
  };
  return new View(parse(compile(spec).spec), { renderer: "none" }).toSVG();
}

function barsOf(table: Table): Bar[] {
  return table.rows
    .map(({ name }) => ({ name, ratio: figureIn(table, name, "ratio") }))
    .filter((bar): bar is Bar => bar.name !== "floor" && bar.ratio !== undefined)
    .sort((a, b) => a.ratio - b.ratio);
}

function tierOf({ id }: Table, bars: readonly Bar[], domain: number[]): Part {
  const x = { type: "quantitative", scale: { type: "log", domain }, axis: null } as const;
  const y = { field: "name", sort: null, title: null, axis: { minExtent: NAMES_WIDTH } } as const;
  return {
    title: { text: TIERS[SHOWN.exec(id)![1] as Tier], anchor: "start", frame: "group", fontSize: 13 },
    width: BARS_WIDTH,
    height: { step: BAR_HEIGHT },
    data: {
      values: bars.map((bar) => ({
        ...bar,
        floor: 1,
        labelAt: Math.max(1, bar.ratio),
        label: `${bar.ratio.toFixed(1)} x`,
      })),
    },
    layer: [
      {
        mark: "bar",
        encoding: {
          x: { field: "ratio", ...x },
          y,
          x2: { field: "floor" },
          color: { condition: { test: "datum.name === 'remem'", value: OURS }, value: OTHERS },
        },
      },
      { mark: { type: "rule", color: INK }, encoding: { x: { field: "floor", ...x } } },
      {
        mark: { type: "text", align: "left", dx: 5 },
        encoding: { x: { field: "labelAt", ...x }, y, text: { field: "label" } },
      },
    ],
  };
}
