import { createRequire } from "node:module";
import type { Printer, Style } from "./printer.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Columns of the least weight are left out if a terminal is too narrow. */
  readonly weight: number;
  readonly align?: "right";
  /** How narrow the column may become; left out, it is never cut. */
  readonly least?: number;
  readonly style?: Style;
}

/** Lays out rows below a head. Its widths are those of the sample, so that later rows can be printed as they arrive. */
export interface Layout {
  /** Undefined for columns without titles. */
  readonly head: string | undefined;
  row(cells: readonly string[], style?: Style): string;
}

const GAP = "  ";
/** Wider cells would push the next column away from a reader who has no terminal. */
const WIDEST_PLAIN = 40;
/** The number of characters that are measured of a longer text. */
const LONGEST_CELL = 1_000;

/** @param sample The first rows, in texts without line breaks. */
export function layout(
  columns: readonly Column[],
  sample: ReadonlyArray<readonly string[]>,
  { columns: terminal, style }: Pick<Printer, "columns" | "style">,
): Layout {
  const natural = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...sample.map((cells) => widthOf(cells[index] ?? ""))),
  );
  const widths =
    terminal === undefined ? natural.map((width) => Math.min(width, WIDEST_PLAIN)) : shrink(columns, natural, terminal);
  const shown = columns.flatMap((column, index) => (widths[index] === undefined ? [] : [{ ...column, index }]));

  function row(cells: readonly string[], rowStyle?: Style): string {
    const texts = shown.map(({ align, style: own, index }, place) => {
      const width = widths[index]!;
      const text = terminal === undefined ? (cells[index] ?? "") : cut(cells[index] ?? "", width);
      const isLast = place === shown.length - 1;
      const space = isLast && align === undefined ? "" : " ".repeat(Math.max(0, width - widthOf(text)));
      const format = rowStyle ?? own;
      const styled = format === undefined || text === "" ? text : style(format, text);
      return align === "right" ? space + styled : styled + space;
    });
    return `${texts.join(GAP).trimEnd()}\n`;
  }
  const titles = columns.map(({ title }) => title);
  return { head: titles.every((title) => title === "") ? undefined : row(titles, "bold"), row };
}

/** The width of each column; undefined for those that are left out. */
function shrink(columns: readonly Column[], natural: readonly number[], terminal: number): Array<number | undefined> {
  const widths: Array<number | undefined> = columns.map(({ least }, index) => Math.min(least ?? 1e9, natural[index]!));
  const room = (): number => {
    const kept = widths.filter((width) => width !== undefined);
    return terminal - kept.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  };
  const byWeight = [...columns.keys()].sort((one, other) => columns[one]!.weight - columns[other]!.weight);
  for (const index of byWeight.slice(0, -1)) {
    if (room() >= 0) break;
    widths[index] = undefined;
  }
  // The rest of the width goes to the columns that were cut, the narrowest first, so that short ones become whole.
  let cuts = [...widths.keys()].filter((index) => widths[index] !== undefined && widths[index] < natural[index]!);
  cuts.sort((one, other) => natural[one]! - natural[other]!);
  while (cuts.length > 0 && room() > 0) {
    const [index = 0, ...others] = cuts;
    widths[index] = Math.min(natural[index]!, widths[index]! + Math.floor(room() / cuts.length));
    cuts = others;
  }
  return widths.map((width) => width && Math.max(1, Math.min(width, terminal)));
}

/** Most texts, whose width is their length: ASCII, letters of Europe, and punctuation. Measuring other texts is slow. */
const NARROW = /^[ -~\u00a1-\u00ac\u00ae-\u02af\u0391-\u0481\u2010-\u2027\u20ac]*$/;

function widthOf(text: string): number {
  const start = text.slice(0, LONGEST_CELL);
  return NARROW.test(start) ? start.length : measure().widthOf(start);
}

interface Measure {
  widthOf(text: string): number;
  readonly graphemes: Intl.Segmenter;
}

let loaded: Measure | undefined;

/** Loaded for the first text that needs it: it takes longer than to read the entries of a list. */
function measure(): Measure {
  if (loaded === undefined) {
    const { default: widthOf } = createRequire(import.meta.url)("string-width") as typeof import("string-width");
    loaded = { widthOf, graphemes: new Intl.Segmenter() };
  }
  return loaded;
}

/** The beginning of a text that is at most this wide, with an ellipsis if something is left out. */
function cut(text: string, width: number): string {
  const start = text.slice(0, LONGEST_CELL);
  if (start === text && widthOf(text) <= width) return text;
  let kept = "";
  if (NARROW.test(start)) kept = start.slice(0, width - 1);
  else {
    const { graphemes } = measure();
    let left = width - 1;
    for (const { segment } of graphemes.segment(start)) {
      left -= widthOf(segment);
      if (left < 0) break;
      kept += segment;
    }
  }
  return `${kept.trimEnd()}…`;
}
