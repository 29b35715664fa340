import { isReservedKey } from "@remem/core/plugin";
import {
  type EntryCount,
  type EntryFilter,
  type ListedEntry,
  listEntries,
  pruneEntries,
  removeEntries,
} from "@remem/inspect";
import { fetchSurfaces } from "remem";
import { filterOf, type PruneFlags, type RemoveFlags } from "../flags/inspect-options.ts";
import { UsageError } from "../flags/usage-error.ts";
import { bytes, entryCount } from "../output/amounts.ts";
import { entryLayout, entryRow } from "../output/entry-rows.ts";
import { type Printer, standardOutput } from "../output/printer.ts";
import { type Cache, withCache } from "./open-cache.ts";

/** How many entries a command shows of those that it would remove. */
const SHOWN = 10;

/** Removes entries by the beginning of their keys and by filters. */
export async function rm(keys: readonly string[], flags: RemoveFlags): Promise<number> {
  const filter = filterOf(flags);
  const hasFilter = Object.values(filter).some((value) => value !== undefined);
  if (keys.includes("") || (keys.length === 0 && !hasFilter)) {
    throw new UsageError("rm: give keys, or a filter such as --model or --until. `remem clear` removes everything.");
  }
  const prefixes = keys.filter((key) => !keys.some((other) => other !== key && key.startsWith(other)));
  const filters = keys.length === 0 ? [filter] : [...new Set(prefixes)].map((key) => ({ ...filter, key }));
  const run = async (cache: Cache): Promise<number> => {
    const printer = standardOutput();
    const count = flags.yes ? await remove(cache, filters) : await preview(cache, filters, printer);
    if (count.entries === 0) {
      console.error(`remem: no entry fits in ${cache.place}`);
      return 1;
    }
    await conclude(printer, count, flags.yes);
    return 0;
  };
  return withCache(flags, run, { changes: flags.yes });
}

/** Removes everything. */
export async function clear(flags: RemoveFlags): Promise<number> {
  const run = async ({ store, place }: Cache): Promise<number> => {
    const printer = standardOutput();
    const count = { entries: 0, bytes: 0 };
    let waiting = 0;
    for await (const head of store.heads?.({ sampleAbove: 0 }) ?? listEntries(store, {}, { newestFirst: false })) {
      if (isReservedKey(head.key)) waiting += head.key.includes("/claim/") ? 1 : 0;
      else {
        count.entries += 1;
        count.bytes += head.bytes;
      }
    }
    if (waiting > 0)
      console.error(`remem: ${waiting} requests of batches lose their answers with it: see remem deferred ls`);
    if (flags.yes) await store.clear();
    await conclude(printer, count, flags.yes, ` of ${place}`);
    return 0;
  };
  return withCache(flags, run, { changes: flags.yes });
}

/** Removes the least recently written entries. */
export async function prune({ maxAge, maxBytes, ...flags }: PruneFlags): Promise<number> {
  if (maxAge === undefined && maxBytes === undefined) {
    throw new UsageError("prune: give --max-age, --max-bytes, or both.");
  }
  const run = async ({ store }: Cache): Promise<number> => {
    const printer = standardOutput();
    const limits = { maxAgeMs: maxAge, maxBytes, dryRun: flags.yes !== true };
    const { removed, kept } = await pruneEntries(store, limits);
    const rest = `; ${entryCount(kept.entries)} (${bytes(kept.bytes)}) ${kept.entries === 1 ? "stays" : "stay"}`;
    await conclude(printer, removed, flags.yes, rest);
    return 0;
  };
  return withCache(flags, run, { changes: flags.yes });
}

async function remove({ store }: Cache, filters: readonly EntryFilter[]): Promise<EntryCount> {
  const counts = [];
  for (const filter of filters) counts.push(await removeEntries(store, filter, { surfaces: fetchSurfaces }));
  return sum(counts);
}

/** Prints the first entries that would be removed, and counts them all. */
async function preview({ store }: Cache, filters: readonly EntryFilter[], printer: Printer): Promise<EntryCount> {
  const first: ListedEntry[] = [];
  const counts: EntryCount[] = [];
  for (const filter of filters) {
    const count = { entries: 0, bytes: 0 };
    for await (const entry of listEntries(store, filter, { surfaces: fetchSurfaces, newestFirst: false })) {
      if (first.length < SHOWN) first.push(entry);
      count.entries += 1;
      count.bytes += entry.bytes;
    }
    counts.push(count);
  }
  const total = sum(counts);
  if (total.entries === 0) return total;
  const rows = entryLayout(first, printer);
  const more = total.entries - first.length;
  await printer.print(rows.head + first.map((entry) => entryRow(entry, rows, printer)).join(""));
  if (more > 0) await printer.print(`and ${more.toLocaleString("en-US")} more\n`);
  return total;
}

function sum(counts: readonly EntryCount[]): EntryCount {
  return {
    entries: counts.reduce((sum, { entries }) => sum + entries, 0),
    bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Prints what was removed, or what would be removed and how to do it. */
async function conclude(printer: Printer, count: EntryCount, isDone = false, rest = ""): Promise<void> {
  const what = `${entryCount(count.entries)} (${bytes(count.bytes)})${printer.shown(rest)}`;
  await printer.print(`${isDone ? "removed" : "would remove"} ${what}\n`);
  if (!isDone && count.entries > 0 && printer.columns !== undefined) console.error("nothing is removed yet: add --yes");
}
