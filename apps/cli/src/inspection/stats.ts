import { type CacheStats, cacheStats, type StatsGroup } from "@remem/inspect";
import { fetchSurfaces } from "remem";
import type { ShowFlags } from "../flags/inspect-options.ts";
import { bytes, clockTime, entryCount, isoTime } from "../output/amounts.ts";
import { bar } from "../output/bar.ts";
import { type Column, layout } from "../output/columns.ts";
import { storedPrice } from "../output/entry-text.ts";
import { type Printer, standardOutput } from "../output/printer.ts";
import { dollars, number } from "../progress/figures.ts";
import { loadPrices } from "../spending/prices.ts";
import { withCache } from "./open-cache.ts";

/** Counts the stored entries. */
export async function stats({ json = false, ...flags }: ShowFlags): Promise<number> {
  return withCache(flags, async ({ store }) => {
    const printer = standardOutput();
    const prices = await loadPrices(undefined, flags.prices);
    const found = await cacheStats(store, {
      surfaces: fetchSurfaces,
      priceOf: (entry) => storedPrice(entry, prices),
    });
    if (json) await printer.print(`${printer.shown(JSON.stringify(recordOf(found), null, 2))}\n`);
    else await printer.print(totals(found) + tables(found, printer));
    return 0;
  });
}

function totals(found: CacheStats): string {
  const { oldest, newest, unreadable } = found;
  const rows: ReadonlyArray<readonly [name: string, text: string | undefined]> = [
    ["entries", number(found.entries)],
    ["unreadable", unreadable > 0 ? `${number(unreadable)} (remem verify tells why)` : undefined],
    ["size", bytes(found.bytes)],
    ["oldest", oldest === undefined ? undefined : clockTime(oldest)],
    ["newest", newest === undefined ? undefined : clockTime(newest)],
    ["tokens", `${number(found.tokens.prompt)} in, ${number(found.tokens.completion)} out`],
    ["cost", found.dollars === undefined ? undefined : `${dollars(found.dollars)} by list prices`],
    ["no price", found.unpriced > 0 ? `${entryCount(found.unpriced)}` : undefined],
  ];
  return rows.flatMap(([name, text]) => (text === undefined ? [] : `${name.padEnd(12)}${text}\n`)).join("");
}

/** The number of days that a terminal shows: a month. */
const DAYS = 31;

function tables({ byModel, bySurface, byDay }: CacheStats, printer: Printer): string {
  const days = Object.entries(byDay);
  const shown = printer.columns === undefined ? days : days.slice(-DAYS);
  const left = days.length - shown.length;
  return (
    table("model", Object.entries(byModel), printer) +
    table("surface", Object.entries(bySurface), printer) +
    table("day", shown, printer) +
    (left > 0 ? printer.style("dim", `and ${number(left)} earlier days\n`) : "")
  );
}

const FIGURES: readonly Column[] = [
  { title: "entries", weight: 9, align: "right" },
  { title: "size", weight: 6, align: "right" },
  { title: "tokens in", weight: 5, align: "right" },
  { title: "tokens out", weight: 4, align: "right" },
  { title: "cost", weight: 7, align: "right" },
  { title: "", weight: 3, style: "cyan" },
];

function table(
  title: string,
  groups: ReadonlyArray<readonly [name: string, group: StatsGroup]>,
  printer: Printer,
): string {
  if (groups.length === 0) return "";
  const most = Math.max(...groups.map(([, { entries }]) => entries));
  const rows = groups.map(([name, { entries, bytes: size, tokens, dollars: known, unpriced }]) => [
    name === "" ? "unknown" : printer.line(name),
    number(entries),
    bytes(size),
    number(tokens.prompt),
    number(tokens.completion),
    known === undefined ? (unpriced > 0 ? "unknown" : "") : dollars(known),
    printer.columns === undefined ? "" : bar(entries / most),
  ]);
  const { head, row } = layout([{ title, weight: 10, least: 12 }, ...FIGURES], rows, printer);
  return `\n${head}${rows.map((cells) => row(cells)).join("")}`;
}

function recordOf(found: CacheStats): object {
  const groups = (by: Readonly<Record<string, StatsGroup>>): object =>
    Object.fromEntries(Object.entries(by).map(([name, group]) => [name === "" ? "unknown" : name, groupRecord(group)]));
  return {
    ...groupRecord(found),
    unreadable: found.unreadable,
    oldest: isoTime(found.oldest),
    newest: isoTime(found.newest),
    by_model: groups(found.byModel),
    by_surface: groups(found.bySurface),
    by_day: groups(found.byDay),
  };
}

function groupRecord({ entries, bytes, tokens, dollars: cost, unpriced }: StatsGroup): object {
  return {
    entries,
    bytes,
    prompt_tokens: tokens.prompt,
    completion_tokens: tokens.completion,
    cost_usd: cost,
    unpriced,
  };
}
