import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { countLines, type PlotBars, timeLabels } from "./plot-scale.ts";

const HEIGHT = 220;
const LEAST_WIDTH = 200;
/** Half of a label at the end of its axis is beside the axis. */
const PADDING: uPlot.Padding = [12, 30, 0, 0];
const LABEL_WIDTH = 72;

/** Draws calls over time as stacked bars. Returns a function that ends the drawing. */
export function drawPlot(place: HTMLElement, { times, hits, misses, failures, span }: PlotBars): () => void {
  const paint = (name: string): string => colourOf(place, name);
  const bars = uPlot.paths.bars!({ size: [0.8, 40], gap: 1 });
  const top = hits.map((count, index) => count + misses[index]! + failures[index]!);
  const lower = hits.map((count, index) => count + misses[index]!);
  const lines = countLines(Math.max(...top));
  const axis = {
    stroke: paint("--soft"),
    grid: { stroke: paint("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
  };
  const plot = new uPlot(
    {
      width: Math.max(place.clientWidth, LEAST_WIDTH),
      height: HEIGHT,
      padding: PADDING,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        // Not the range that uPlot offers: it gives a single bar more than two years.
        x: { range: () => [...span] },
        y: { range: () => [0, lines.at(-1)!] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 30,
          space: LABEL_WIDTH,
          values: (_, splits, __, ___, apart) => timeLabels(splits, apart),
        },
        {
          ...axis,
          size: 56,
          splits: () => lines,
          values: (_, values) => values.map((value) => value.toLocaleString("en-US")),
        },
      ],
      series: [
        {},
        { paths: bars, fill: paint("--failure"), width: 0, points: { show: false } },
        { paths: bars, fill: paint("--miss"), width: 0, points: { show: false } },
        { paths: bars, fill: paint("--accent"), width: 0, points: { show: false } },
      ],
    },
    [[...times], top, lower, [...hits]],
    place,
  );
  const observer = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(place.clientWidth, LEAST_WIDTH), height: HEIGHT }),
  );
  observer.observe(place);
  return () => {
    observer.disconnect();
    plot.destroy();
  };
}

/** A canvas has no CSS variables: an element tells the present colour of one. */
function colourOf(place: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  place.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
