import type { CacheStore, TokenCount } from "@remem/core";
import { readingOf } from "./reading.ts";
import { scan, withValues } from "./scan.ts";
import { type EntrySummary, figuresOf } from "./summary.ts";
import { checkInspectOptions, type InspectOptions, surfacesOf } from "./surfaces.ts";

/** The options of `cacheStats`. */
export interface StatsOptions extends InspectOptions {
  /** Returns the cost of an answer in dollars; undefined if its price is unknown. Without it the stats have no costs. */
  readonly priceOf?: ((entry: PricedEntry) => number | undefined | Promise<number | undefined>) | undefined;
}

/** The entry that `priceOf` gets. */
export interface PricedEntry extends Pick<EntrySummary, "model" | "surface" | "scope" | "tokens"> {
  /** The answer as the server gave it. */
  readonly answer: object;
}

/** The figures of some entries. */
export interface StatsGroup {
  /** The number of entries. */
  readonly entries: number;
  /** Their size in the store in bytes. */
  readonly bytes: number;
  /** The tokens that the answers cost when they were paid for. */
  readonly tokens: TokenCount;
  /** The cost of the answers. Undefined if no price is known. */
  readonly dollars: number | undefined;
  /** Entries without a known price. */
  readonly unpriced: number;
}

/** The figures of a cache. */
export interface CacheStats extends StatsGroup {
  /** Entries that cannot be read. They count only in `entries` and `bytes`. */
  readonly unreadable: number;
  /** When the oldest entry was written, in Unix milliseconds. */
  readonly oldest: number | undefined;
  /** When the newest entry was written. */
  readonly newest: number | undefined;
  /** By the model's name, or "" if it is unknown; the most entries first. */
  readonly byModel: Readonly<Record<string, StatsGroup>>;
  /** By the surface's name, or "" if it is unknown; the most entries first. */
  readonly bySurface: Readonly<Record<string, StatsGroup>>;
  /** By the local day on which they were written (`2026-01-31`), or "" if it is unknown; the oldest day first. */
  readonly byDay: Readonly<Record<string, StatsGroup>>;
}

/**
 * Counts entries, bytes, tokens and money. Reads every answer, a page at a time.
 * @throws {StoreError} if the store cannot list its entries
 * @throws {RememError} with code `INVALID_OPTION`
 */
export async function cacheStats(store: CacheStore, options: StatsOptions = {}): Promise<CacheStats> {
  checkInspectOptions("cacheStats", options, { surfaces: true, priceOf: true });
  const { priceOf } = options;
  const surfaces = surfacesOf(options);
  const total = createGroup();
  const [models, kinds, days] = [new Map<string, Group>(), new Map<string, Group>(), new Map<string, Group>()];
  let unreadable = 0;
  let [oldest, newest] = [Number.POSITIVE_INFINITY, 0];
  for await (const loaded of withValues(store, scan(store))) {
    const reading = readingOf(loaded);
    if (reading.kind !== "entry") {
      unreadable += 1;
      total.entries += 1;
      total.bytes += reading.bytes;
      continue;
    }
    const figures = figuresOf(reading, surfaces);
    const { model, surface, scope, tokens, createdAt } = figures;
    const price = await priceOf?.({ model, surface, scope, tokens, answer: reading.entry.answer });
    const groups = [total, groupIn(models, model), groupIn(kinds, surface), groupIn(days, dayOf(createdAt))];
    for (const group of groups) add(group, figures, price, priceOf !== undefined);
    oldest = Math.min(oldest, createdAt ?? oldest);
    newest = Math.max(newest, createdAt ?? 0);
  }
  const byEntries = ([, one]: [string, Group], [, other]: [string, Group]): number => other.entries - one.entries;
  return {
    ...total,
    unreadable,
    oldest: newest === 0 ? undefined : oldest,
    newest: newest === 0 ? undefined : newest,
    byModel: Object.fromEntries([...models].sort(byEntries)),
    bySurface: Object.fromEntries([...kinds].sort(byEntries)),
    byDay: Object.fromEntries([...days].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

interface Group {
  entries: number;
  bytes: number;
  tokens: { prompt: number; completion: number };
  dollars: number | undefined;
  unpriced: number;
}

function createGroup(): Group {
  return { entries: 0, bytes: 0, tokens: { prompt: 0, completion: 0 }, dollars: undefined, unpriced: 0 };
}

function groupIn(groups: Map<string, Group>, name = ""): Group {
  const group = groups.get(name) ?? createGroup();
  groups.set(name, group);
  return group;
}

function add(
  group: Group,
  { bytes, tokens }: Pick<EntrySummary, "bytes" | "tokens">,
  price: number | undefined,
  isPriced: boolean,
): void {
  group.entries += 1;
  group.bytes += bytes;
  group.tokens.prompt += tokens?.prompt ?? 0;
  group.tokens.completion += tokens?.completion ?? 0;
  if (price !== undefined) group.dollars = (group.dollars ?? 0) + price;
  else if (isPriced) group.unpriced += 1;
}

function dayOf(time: number | undefined): string | undefined {
  if (time === undefined) return undefined;
  const date = new Date(time);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((number) => String(number).padStart(2, "0"));
  return `${date.getFullYear()}-${month}-${day}`;
}
