import { styleText } from "node:util";
import { dollars, duration, number } from "./figures.ts";

export interface Progress {
  /** Lines that are settled, failures included. */
  readonly done: number;
  /** All lines, if their number is known. */
  readonly total: number | undefined;
  readonly hits: number;
  readonly failures: number;
  /** The tokens that were paid for. */
  readonly tokens: number;
  /** The money that was paid, if the prices are known. */
  readonly dollars: number | undefined;
  readonly perSecond: number | undefined;
  readonly secondsLeft: number | undefined;
  /** The clock time until which all calls wait. */
  readonly waitsUntil: string | undefined;
}

interface Part {
  readonly text: string;
  /** The parts of least weight are left out if the line is too long. */
  readonly weight: number;
  readonly color?: "green" | "red" | "yellow";
}

const SEPARATOR = " · ";
const NARROWEST_BAR = 8;
const WIDEST_BAR = 30;

/** The progress as one line that is shorter than `columns`, with a bar if there is room. */
export function barText(progress: Progress, columns: number): string {
  const width = columns - 1; // Some terminals wrap after the last column.
  const parts = partsOf(progress);
  while (parts.length > 1 && lengthOf(parts) > width) {
    const lightest = Math.min(...parts.map(({ weight }) => weight));
    parts.splice(
      parts.findIndex(({ weight }) => weight === lightest),
      1,
    );
  }
  const text = parts.map(({ text, color }) => (color === undefined ? text : colored(color, text))).join(SEPARATOR);
  const room = width - lengthOf(parts) - 1;
  const { done, total } = progress;
  if (total === undefined || room < NARROWEST_BAR) return text;
  const length = Math.min(room, WIDEST_BAR);
  const filled = total === 0 ? length : Math.floor((done / total) * length);
  return `${"█".repeat(filled)}${"░".repeat(length - filled)} ${text}`;
}

/** The progress as a line of a log. */
export function plainText(progress: Progress): string {
  return partsOf(progress)
    .map(({ text }) => text)
    .join(SEPARATOR);
}

function partsOf({ done, total, hits, failures, tokens, dollars: paid, ...pace }: Progress): Part[] {
  const { perSecond, secondsLeft, waitsUntil } = pace;
  const parts: Array<Part | false> = [
    { text: total === undefined ? `${number(done)} answered` : `${number(done)}/${number(total)}`, weight: 9 },
    { text: `${number(hits)} hits`, weight: 1, color: "green" },
    failures > 0 && { text: `${number(failures)} failed`, weight: 8, color: "red" },
    waitsUntil !== undefined && { text: `rate limit until ${waitsUntil}`, weight: 7, color: "yellow" },
    waitsUntil === undefined && perSecond !== undefined && { text: rate(perSecond), weight: 3 },
    waitsUntil === undefined && secondsLeft !== undefined && { text: `${duration(secondsLeft)} left`, weight: 6 },
    { text: `${short(tokens)} tok`, weight: 2 },
    paid !== undefined && { text: dollars(paid), weight: 5 },
  ];
  return parts.filter((part) => part !== false);
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { text }) => sum + text.length + SEPARATOR.length, -SEPARATOR.length);
}

function colored(color: NonNullable<Part["color"]>, text: string): string {
  return styleText(color, text, { stream: process.stderr });
}

function rate(perSecond: number): string {
  return perSecond >= 1 ? `${number(Math.round(perSecond))}/s` : `${Math.max(1, Math.round(perSecond * 60))}/min`;
}

function short(count: number): string {
  return count.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
}
