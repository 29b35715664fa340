import { type CallAmount, type CallSum, callsOf, hitRateOf } from "@remem/inspect";
import { bytes, clockTime } from "../output/amounts.ts";
import { partedBar } from "../output/bar.ts";
import { type Column, layout } from "../output/columns.ts";
import type { Printer } from "../output/printer.ts";
import { dollars, number } from "../progress/figures.ts";
import { type PaidKey, timesGone } from "./costly.ts";
import type { JournalReport } from "./report.ts";

/** A report as a person reads it. */
export function reportText(report: JournalReport, printer: Printer): string {
  return totals(report, printer) + tables(report, printer) + costly(report, printer);
}

function totals(report: JournalReport, printer: Printer): string {
  const { file, size, skipped, from, to, total, failures, notStored } = report;
  const unpriced = total.paid.unpriced + total.saved.unpriced;
  const isPriced = (total.paid.dollars ?? total.saved.dollars) !== undefined;
  const rows: ReadonlyArray<readonly [name: string, text: string | undefined]> = [
    ["journal", `${printer.line(file)} (${bytes(size)})`],
    ["from", from === undefined ? undefined : clockTime(from)],
    ["to", to === undefined ? undefined : clockTime(to)],
    ["calls", number(callsOf(total))],
    ["hits", number(total.hits)],
    ["joined", number(total.joined)],
    ["misses", number(total.misses)],
    ["failures", countsText(failures, printer)],
    ["hit rate", percent(hitRateOf(total))],
    ["paid", amountText(total.paid)],
    ["saved", amountText(total.saved)],
    ["prices", isPriced ? "by list, at the time of each call" : undefined],
    ["no price", unpriced === 0 ? undefined : `${number(unpriced)} calls, whose model has no known price`],
    ["not stored", countsText(notStored, printer)],
    ["skipped", skipped === 0 ? undefined : `${number(skipped)} lines that are torn or of another program`],
  ];
  return rows.flatMap(([name, text]) => (text === undefined ? [] : `${name.padEnd(12)}${text}\n`)).join("");
}

function amountText({ prompt, completion, dollars: known }: CallAmount): string {
  const tokens = `${number(prompt)} tokens in, ${number(completion)} out`;
  return known === undefined ? tokens : `${dollars(known)} (${tokens})`;
}

/** The total, and the count of each kind. Undefined if there are none. */
function countsText(counts: Readonly<Record<string, number>>, printer: Printer): string | undefined {
  const kinds = Object.entries(counts);
  if (kinds.length === 0) return undefined;
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  return `${number(total)} (${printer.line(kinds.map(([kind, count]) => `${number(count)} ${kind}`).join(", "))})`;
}

/** The maximum number of models, and of hours or days, that a terminal shows. */
const MODELS = 12;
const TIMES = 48;

function tables({ byModel, byTime, unit }: JournalReport, printer: Printer): string {
  const isTerminal = printer.columns !== undefined;
  const models = [...byModel].sort(([, one], [, other]) => callsOf(other) - callsOf(one));
  const times = [...byTime];
  const [shownModels, shownTimes] = isTerminal ? [models.slice(0, MODELS), times.slice(-TIMES)] : [models, times];
  return (
    table("model", shownModels, printer) +
    left(models.length - shownModels.length, "more models", printer) +
    table(unit, shownTimes, printer) +
    left(times.length - shownTimes.length, `earlier ${unit}s`, printer)
  );
}

function left(count: number, what: string, printer: Printer): string {
  return count > 0 ? printer.style("dim", `and ${number(count)} ${what}\n`) : "";
}

const FIGURES: readonly Column[] = [
  { title: "calls", weight: 8, align: "right" },
  { title: "hit rate", weight: 9, align: "right" },
  { title: "misses", weight: 4, align: "right" },
  { title: "failures", weight: 2, align: "right" },
  { title: "paid", weight: 7, align: "right" },
  { title: "saved", weight: 5, align: "right" },
  { title: "", weight: 6, style: "cyan" },
];

/** The full part of a bar shows hits and joined calls. */
function table(title: string, groups: ReadonlyArray<readonly [name: string, sum: CallSum]>, printer: Printer): string {
  if (groups.length === 0) return "";
  const most = Math.max(...groups.map(([, sum]) => callsOf(sum)));
  const rows = groups.map(([name, sum]) => [
    printer.line(name),
    number(callsOf(sum)),
    percent(hitRateOf(sum)),
    number(sum.misses),
    number(sum.failures),
    money(sum.paid),
    money(sum.saved),
    printer.columns === undefined ? "" : partedBar((sum.hits + sum.joined) / most, callsOf(sum) / most),
  ]);
  return tableText([{ title, weight: 10, least: 12 }, ...FIGURES], rows, printer);
}

const COSTLY: readonly Column[] = [
  { title: "key", weight: 10 },
  { title: "model", weight: 5, least: 9 },
  { title: "paid", weight: 9, align: "right" },
  { title: "tokens", weight: 4, align: "right" },
  { title: "cost", weight: 8, align: "right" },
  { title: "time", weight: 3, align: "right" },
  { title: "why not stored", weight: 7, least: 14 },
];

function costly({ costly: keys, isCapped }: JournalReport, printer: Printer): string {
  if (keys.length === 0) return "";
  const rows = keys.map((paid) => [
    printer.line(paid.key).slice(0, 12),
    paid.model === undefined ? "" : printer.line(paid.model),
    `${number(paid.times)}×`,
    `${paid.prompt}/${paid.completion}`,
    paid.dollars === undefined ? "" : dollars(paid.dollars),
    `${(paid.durationMs / 1_000).toFixed(1)} s`,
    printer.line(whyPaid(paid)),
  ]);
  const styles = keys.map(({ times }) => (times > 1 ? ("yellow" as const) : undefined));
  const note = isCapped ? "There are very many keys: figures of a key may be too low.\n" : "";
  return `\n${printer.style("bold", "the most expensive misses")}${tableText(COSTLY, rows, printer, styles)}${note}`;
}

/** Why a key was paid for, and how often for each reason if it was paid for more than once. */
function whyPaid(paid: PaidKey): string {
  const gone = timesGone(paid);
  const reasons = [...Object.entries(paid.reasons), ...(gone > 0 ? [["expired or removed", gone] as const] : [])];
  if (paid.times === 1) return reasons.map(([reason]) => reason).join(", ");
  return reasons.map(([reason, count]) => `${reason} ${number(count)}×`).join(", ");
}

function tableText(
  columns: readonly Column[],
  rows: ReadonlyArray<readonly string[]>,
  printer: Printer,
  styles: ReadonlyArray<"yellow" | undefined> = [],
): string {
  const { head, row } = layout(columns, rows, printer);
  return `\n${head}${rows.map((cells, index) => row(cells, styles[index])).join("")}`;
}

function money({ dollars: known, unpriced }: CallAmount): string {
  return known === undefined ? (unpriced > 0 ? "unknown" : "") : dollars(known);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
