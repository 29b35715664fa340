import type { CallSum } from "../../wire.ts";

export type Quarters = ReadonlyArray<readonly [quarter: number, sum: CallSum]>;

const QUARTER_S = 15 * 60;
/** The possible lengths of a bar, in quarters of an hour, and their names. */
const STEPS: ReadonlyArray<readonly [quarters: number, name: string]> = [
  [1, "15 minutes"],
  [2, "30 minutes"],
  [4, "1 hour"],
  [8, "2 hours"],
  [24, "6 hours"],
  [48, "12 hours"],
  [96, "1 day"],
  [192, "2 days"],
  [384, "4 days"],
  [672, "1 week"],
  [2_688, "4 weeks"],
];
/** Otherwise the calls of a moment would be one bar without a width. */
const LEAST_BARS = 12;

/** How many calls each bar has, also those without any. */
export interface PlotBars {
  /** The middles of the bars, in seconds since 1970. */
  readonly times: readonly number[];
  readonly hits: readonly number[];
  readonly misses: readonly number[];
  readonly failures: readonly number[];
  /** The beginning and the end of the axis, in seconds since 1970. */
  readonly span: readonly [from: number, to: number];
  /** How long one bar is, in words. */
  readonly length: string;
}

/** Combines quarters of an hour to at most `most` bars. The axis is at least some bars long, with the last calls at its end. */
export function barsOf(quarters: Quarters, most: number): PlotBars {
  const first = quarters[0]![0];
  const last = quarters.at(-1)![0];
  const [step, length] = STEPS.find(([step]) => (last - first) / step + 3 < most) ?? STEPS.at(-1)!;
  const end = Math.floor(last / step);
  const start = Math.min(Math.floor(first / step), end + 2 - LEAST_BARS);
  const count = end - start + 1;
  const empty = (): number[] => Array.from({ length: count }, () => 0);
  const [hits, misses, failures] = [empty(), empty(), empty()];
  for (const [quarter, sum] of quarters) {
    const at = Math.floor(quarter / step) - start;
    hits[at]! += sum.hits + sum.joined;
    misses[at]! += sum.misses;
    failures[at]! += sum.failures;
  }
  const seconds = step * QUARTER_S;
  return {
    times: hits.map((_, index) => (start + index + 0.5) * seconds),
    hits,
    misses,
    failures,
    span: [(start - 0.5) * seconds, (end + 1.5) * seconds],
    length,
  };
}

/** The lines of an axis of counts from 0: whole numbers. The last line is above the maximum. */
export function countLines(most: number): number[] {
  const least = most / 5;
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(least, 1))));
  const step = power * ([1, 2, 5].find((times) => times * power >= least) ?? 10);
  return Array.from({ length: Math.floor(most / step) + 2 }, (_, index) => index * step);
}

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const month = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric" });

const DAY_S = 86_400;

/** Labels of times with this distance: the year, the month, the day, or the time. A time that begins a day has the day, too. */
export function timeLabels(seconds: readonly number[], apart: number): string[] {
  return seconds.map((at) => {
    const date = new Date(at * 1_000);
    if (apart >= 365 * DAY_S) return `${date.getFullYear()}`;
    if (apart >= 28 * DAY_S) return month.format(date);
    return apart >= DAY_S || date.getHours() + date.getMinutes() === 0 ? day.format(date) : time.format(date);
  });
}

const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** The days of the first and the last calls: `30 Nov 2026`, or `30 Nov – 2 Dec 2026`. */
export function daysOf(quarters: Quarters): string {
  const [from, to] = [quarters[0]!, quarters.at(-1)!].map(([quarter]) => quarter * QUARTER_S * 1_000);
  return date.formatRange(from!, to!);
}
