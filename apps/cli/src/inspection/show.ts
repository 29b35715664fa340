import {
  type EntryDetails,
  entryRecord,
  type ListedEntry,
  listEntries,
  showEntry,
  type UnreadableDetails,
} from "@remem/inspect";
import { type CacheStore, fetchSurfaces } from "remem";
import type { ShowFlags } from "../flags/inspect-options.ts";
import { entryLayout, entryRow } from "../output/entry-rows.ts";
import { entryText } from "../output/entry-text.ts";
import { standardOutput } from "../output/printer.ts";
import { withCache } from "./open-cache.ts";

const SURFACES = { surfaces: fetchSurfaces };
/** How many keys an ambiguous prefix lists. */
const MOST = 20;

/** Shows one entry, by its key or the beginning of it. */
export async function show(prefix: string, flags: ShowFlags): Promise<number> {
  return withCache(flags, async ({ store, place }) => {
    const printer = standardOutput();
    const found = (await showEntry(store, prefix, SURFACES)) ?? (await theOnly(store, prefix));
    if (found === undefined) {
      console.error(`remem: no entry with the key ${prefix} is in ${place}`);
      return 1;
    }
    if (Array.isArray(found)) {
      const rows = entryLayout(found, printer);
      await printer.print(rows.head + found.map((entry) => entryRow(entry, rows, printer)).join(""));
      console.error(`remem: more than one key begins with ${prefix}; give more of it`);
      return 1;
    }
    if (flags.raw) await printer.print(`${printer.shown(found.raw)}\n`);
    else if (flags.json) await printer.print(`${printer.shown(JSON.stringify(entryRecord(found), null, 2))}\n`);
    else await printer.print(await entryText(found, printer, flags.prices));
    return 0;
  });
}

/** The entry whose key begins with the prefix, or several. */
async function theOnly(
  store: CacheStore,
  prefix: string,
): Promise<EntryDetails | UnreadableDetails | ListedEntry[] | undefined> {
  const matches: ListedEntry[] = [];
  if (prefix === "" || store.entries === undefined) return undefined;
  for await (const entry of listEntries(store, { key: prefix }, { ...SURFACES, limit: MOST })) matches.push(entry);
  return matches.length === 1
    ? showEntry(store, matches[0]!.key, SURFACES)
    : matches.length === 0
      ? undefined
      : matches;
}
