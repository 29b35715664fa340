import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { CallSum } from "../../wire.ts";

type Quarters = ReadonlyArray<readonly [quarter: number, sum: CallSum]>;

const QUARTER_S = 15 * 60;
/** More bars than this are put together. */
const MOST_BARS = 160;
const BAR_WIDTH = 7;
const STEPS = [1, 2, 4, 8, 24, 48, 96, 192, 384, 672, 2_688];
const HEIGHT = 220;

/** Draws calls over time as bars upon each other. Returns what ends it. */
export function drawPlot(place: HTMLElement, quarters: Quarters): () => void {
  const { times, hits, misses, failures, step } = barsOf(quarters, Math.min(MOST_BARS, place.clientWidth / BAR_WIDTH));
  const paint = (name: string): string => colourOf(place, name);
  const bars = uPlot.paths.bars!({ size: [0.8, 40], gap: 1 });
  const top = hits.map((count, index) => count + misses[index]! + failures[index]!);
  const lower = hits.map((count, index) => count + misses[index]!);
  const axis = {
    stroke: paint("--soft"),
    grid: { stroke: paint("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
  };
  const plot = new uPlot(
    {
      width: Math.max(place.clientWidth, 200),
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: (_, least, most) => [least - (step * QUARTER_S) / 2, most + (step * QUARTER_S) / 2] },
        y: { range: (_, __, most) => [0, Math.max(1, most * 1.06)] },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 30, values: timesOf },
        {
          ...axis,
          size: 56,
          values: (_, values) => values.map((value) => (Number.isInteger(value) ? value.toLocaleString("en-US") : "")),
        },
      ],
      series: [
        {},
        { paths: bars, fill: paint("--failure"), width: 0, points: { show: false } },
        { paths: bars, fill: paint("--miss"), width: 0, points: { show: false } },
        { paths: bars, fill: paint("--accent"), width: 0, points: { show: false } },
      ],
    },
    [times, top, lower, hits],
    place,
  );
  const observer = new ResizeObserver(() => plot.setSize({ width: Math.max(place.clientWidth, 200), height: HEIGHT }));
  observer.observe(place);
  return () => {
    observer.disconnect();
    plot.destroy();
  };
}

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** The time of day, and at midnight the day. */
function timesOf(_: uPlot, splits: readonly number[]): string[] {
  return splits.map((seconds) => {
    const date = new Date(seconds * 1_000);
    return date.getHours() + date.getMinutes() === 0 ? day.format(date) : time.format(date);
  });
}

interface Drawn {
  readonly times: number[];
  readonly hits: number[];
  readonly misses: number[];
  readonly failures: number[];
  /** How many quarters of an hour a bar has. */
  readonly step: number;
}

function barsOf(quarters: Quarters, most: number): Drawn {
  const first = quarters[0]![0];
  const last = quarters.at(-1)![0];
  const step = STEPS.find((step) => (last - first) / step < most) ?? STEPS.at(-1)!;
  const bars = new Map<number, [hits: number, misses: number, failures: number]>();
  for (const [quarter, sum] of quarters) {
    const at = Math.floor(quarter / step) * step * QUARTER_S;
    const bar = bars.get(at) ?? [0, 0, 0];
    bar[0] += sum.hits + sum.joined;
    bar[1] += sum.misses;
    bar[2] += sum.failures;
    bars.set(at, bar);
  }
  const all = [...bars];
  return {
    times: all.map(([at]) => at),
    hits: all.map(([, bar]) => bar[0]),
    misses: all.map(([, bar]) => bar[1]),
    failures: all.map(([, bar]) => bar[2]),
    step,
  };
}

/** A canvas knows no variables: an element tells what colour one is now. */
function colourOf(place: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  place.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
