import { type CacheStore, RememError } from "@remem/core";
import { checkFilter, type EntryFilter, isEmptyFilter } from "./filter.ts";
import { list } from "./list-entries.ts";
import { checkInspectOptions, type InspectOptions } from "./surfaces.ts";

/** Some entries, counted. */
export interface EntryCount {
  /** The number of entries. */
  readonly entries: number;
  /** Their size in the store in bytes. */
  readonly bytes: number;
}

/** The options of `removeEntries`. */
export interface RemoveOptions extends InspectOptions {
  /** Counts what would be removed, and removes nothing. False by default. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Removes the entries that match a filter, and returns their number. If the filter has only a `key`, it also removes entries
 * that cannot be read.
 * @throws {StoreError} if the store cannot list its entries or cannot be written
 * @throws {RememError} with code `INVALID_OPTION`, also for an empty filter: `store.clear()` removes everything
 */
export async function removeEntries(
  store: CacheStore,
  filter: EntryFilter,
  options: RemoveOptions = {},
): Promise<EntryCount> {
  checkFilter("removeEntries", filter);
  checkInspectOptions("removeEntries", options, { surfaces: true, dryRun: true });
  if (isEmptyFilter(filter)) {
    const problem = "removeEntries: an empty filter means every entry. Call `store.clear()` to remove them all.";
    throw new RememError("INVALID_OPTION", problem);
  }
  const { dryRun = false, ...rest } = options;
  const count = { entries: 0, bytes: 0 };
  for await (const { key, bytes } of list(store, filter, { ...rest, newestFirst: false })) {
    if (!dryRun && !(await store.delete(key))) continue;
    count.entries += 1;
    count.bytes += bytes;
  }
  return count;
}
