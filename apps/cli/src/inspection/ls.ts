import { type ListedEntry, listEntries } from "@remem/inspect";
import { fetchSurfaces } from "remem";
import { filterOf, type ListFlags } from "../flags/inspect-options.ts";
import type { Layout } from "../output/columns.ts";
import { entryLayout, entryRecord, entryRow, RECORD_COLUMNS } from "../output/entry-rows.ts";
import { type Printer, standardOutput } from "../output/printer.ts";
import { withCache } from "./open-cache.ts";

/** As many as fit on a few screens: the newest are above, and the prompt of the shell is below. */
const TERMINAL_LIMIT = 50;
/** The widths of a table are those of its first rows. */
const SAMPLE = 50;

/** Lists entries, the newest first. */
export async function ls(flags: ListFlags): Promise<number> {
  return withCache(flags, async ({ store, place }) => {
    const printer = standardOutput();
    const { json = false, csv = false } = flags;
    const limit = flags.limit ?? (printer.columns === undefined || json || csv ? undefined : TERMINAL_LIMIT);
    const format = json ? jsonFormat(printer) : csv ? await csvFormat(printer) : tableFormat(printer);
    let listed = 0;
    let hasMore = false;
    // One additional entry shows whether there are more.
    for await (const entry of listEntries(store, filterOf(flags), {
      surfaces: fetchSurfaces,
      limit: limit && limit + 1,
    })) {
      hasMore = listed === limit;
      if (hasMore) break;
      await format.write(entry);
      listed += 1;
    }
    await format.end();
    if (hasMore && flags.limit === undefined) console.error(`the newest ${listed}; --limit ${listed * 4} shows more`);
    if (listed > 0) return 0;
    console.error(`remem: no entry ${hasFilter(flags) ? "fits" : "is"} in ${place}`);
    return 1;
  });
}

function hasFilter(flags: ListFlags): boolean {
  return Object.values(filterOf(flags)).some((value) => value !== undefined);
}

interface Format {
  write(entry: ListedEntry): Promise<void>;
  end(): Promise<void>;
}

function jsonFormat({ shown, print }: Printer): Format {
  return {
    write: (entry) => print(`${shown(JSON.stringify(entryRecord(entry)))}\n`),
    async end() {},
  };
}

async function csvFormat({ shown, print }: Printer): Promise<Format> {
  const { stringify } = await import("csv-stringify/sync");
  const row = (cells: readonly unknown[]): string => shown(stringify([[...cells]]));
  let head = row(RECORD_COLUMNS);
  return {
    async write(entry) {
      const record = entryRecord(entry);
      await print(head + row(RECORD_COLUMNS.map((name) => record[name] ?? "")));
      head = "";
    },
    async end() {},
  };
}

function tableFormat(printer: Printer): Format {
  const sample: ListedEntry[] = [];
  let rows: Layout | undefined;
  async function start(): Promise<void> {
    rows = entryLayout(sample, printer);
    await printer.print(rows.head + sample.map((entry) => entryRow(entry, rows!, printer)).join(""));
  }
  return {
    async write(entry) {
      if (rows !== undefined) return printer.print(entryRow(entry, rows, printer));
      sample.push(entry);
      if (sample.length === SAMPLE) await start();
    },
    async end() {
      if (rows === undefined && sample.length > 0) await start();
    },
  };
}
