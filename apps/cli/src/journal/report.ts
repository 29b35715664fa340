import { readJournal } from "@remem/core/journal";
import { byLabel, type CallSum, type CallTally, createTally } from "@remem/inspect";
import { clockTime } from "../output/amounts.ts";
import type { PriceOf } from "../spending/prices.ts";
import { createCostly, type PaidKey } from "./costly.ts";
import { createCostOf } from "./rates.ts";

/** Selects the calls to count. */
export interface CallFilter {
  readonly model?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** The report of a journal. */
export interface JournalReport extends Pick<CallTally, "total" | "byModel" | "failures" | "notStored" | "from" | "to"> {
  readonly file: string;
  /** In bytes. */
  readonly size: number;
  /** The number of lines that are torn or of another program. */
  readonly skipped: number;
  readonly unit: "hour" | "day";
  /** In local time, the earliest first. */
  readonly byTime: ReadonlyMap<string, CallSum>;
  readonly costly: readonly PaidKey[];
  /** Whether figures of a key may be too low, because there are very many keys. */
  readonly isCapped: boolean;
}

const COSTLY = 10;
/** Shorter periods are shown by hour. */
const HOURS_MS = 2 * 86_400_000;

/** Reads a journal once, in memory that does not grow with its calls. */
export async function readReport(
  file: string,
  size: number,
  { model, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: CallFilter,
  priceOf: PriceOf,
): Promise<JournalReport> {
  const tally = createTally(createCostOf(priceOf));
  const costly = createCostly();
  const reader = readJournal(file);
  for await (const call of reader) {
    if (call.at < since || call.at >= until || (model !== undefined && call.model !== model)) continue;
    costly.add(call, tally.add(call));
  }
  const { total, byModel, failures, notStored, from, to } = tally;
  const unit = (to ?? 0) - (from ?? 0) < HOURS_MS ? "hour" : "day";
  const labelOf = (time: number): string =>
    unit === "day" ? clockTime(time).slice(0, 10) : `${clockTime(time).slice(0, 13)}:00`;
  return {
    file,
    size,
    skipped: reader.skipped,
    total,
    byModel,
    failures,
    notStored,
    from,
    to,
    unit,
    byTime: byLabel(tally.byQuarter, labelOf),
    costly: costly.top(COSTLY),
    isCapped: costly.isCapped,
  };
}
