import type { CacheStore } from "@remem/core";
import { checkCount } from "@remem/core/plugin";
import { checkFilter, type EntryFilter, fits, isRuledOut } from "./filter.ts";
import { readingOf } from "./reading.ts";
import { type Scanned, scan, scanNewestFirst, wanted, withValues } from "./scan.ts";
import { type ListedEntry, summaryOf } from "./summary.ts";
import { checkInspectOptions, type InspectOptions, surfacesOf } from "./surfaces.ts";

/** The options of `listEntries`. */
export interface ListOptions extends InspectOptions {
  /** The maximum number of listed entries. All by default. */
  readonly limit?: number | undefined;
  /** Whether the newest come first. True by default. False lists a store without `heads` in a single pass. */
  readonly newestFirst?: boolean | undefined;
}

/**
 * Lists the entries that match a filter. It lists entries that cannot be read by their keys. It keeps only a page of values in
 * memory. For a store without `heads`, it also keeps the keys of all entries, unless `newestFirst` is false.
 * @throws {StoreError} if the store cannot list its entries
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function listEntries(
  store: CacheStore,
  filter: EntryFilter = {},
  options: ListOptions = {},
): AsyncIterable<ListedEntry> {
  checkFilter("listEntries", filter);
  checkInspectOptions("listEntries", options, { surfaces: true, limit: true, newestFirst: true });
  checkCount("listEntries", "limit", options.limit);
  return list(store, filter, options);
}

export async function* list(
  store: CacheStore,
  filter: EntryFilter,
  { limit = Number.POSITIVE_INFINITY, newestFirst = true, ...options }: ListOptions,
): AsyncGenerator<ListedEntry, void, undefined> {
  const surfaces = surfacesOf(options);
  const isWanted = (entry: Scanned): boolean => !isRuledOut(filter, entry);
  const candidates = newestFirst
    ? scanNewestFirst(store, filter.key, isWanted)
    : wanted(scan(store, { prefix: filter.key }), isWanted);
  let listed = 0;
  for await (const loaded of withValues(store, candidates)) {
    const reading = readingOf(loaded);
    const entry = reading.kind === "entry" ? summaryOf(reading, surfaces) : reading;
    if (!fits(filter, entry)) continue;
    yield entry;
    listed += 1;
    if (listed >= limit) return;
  }
}
