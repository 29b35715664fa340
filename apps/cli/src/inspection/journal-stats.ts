import { statSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { defaultJournalFile } from "remem";
import type { ShowFlags } from "../flags/inspect-options.ts";
import { reportText } from "../journal/journal-text.ts";
import { type CallFilter, readReport } from "../journal/report.ts";
import { recordOf } from "../journal/report-record.ts";
import { standardOutput } from "../output/printer.ts";
import { loadPrices } from "../spending/prices.ts";

export interface JournalStatsFlags
  extends Pick<ShowFlags, "json" | "model" | "defaultJournal" | "prices">,
    Pick<CallFilter, "since" | "until"> {
  /** The file; true for that of `REMEM_JOURNAL`, of the configuration file, or else the default. */
  readonly journal: string | true;
}

/** Counts the calls of a journal. */
export async function journalStats(flags: JournalStatsFlags): Promise<number> {
  const { journal, json = false, defaultJournal, prices, since, until, model } = flags;
  // V8 lets the young generation grow to 96 MB when lines come and go, without being faster.
  setFlagsFromString("--semi-space-growth-factor=1");
  const file = journal === true ? process.env.REMEM_JOURNAL || (defaultJournal ?? defaultJournalFile()) : journal;
  const sizes = [file, `${file}.1`].map((path) => statSync(path, { throwIfNoEntry: false })?.size);
  if (sizes.every((size) => size === undefined)) {
    throw new Error(
      `there is no journal at ${file}. Calls are recorded by batch, ask, run and serve with --journal ${file}, ` +
        `by every program with REMEM_JOURNAL=${file}, and by createRemem({ journal: ${JSON.stringify(file)} })`,
    );
  }
  const size = sizes.reduce<number>((sum, size = 0) => sum + size, 0);
  const report = await readReport(file, size, { since, until, model }, await loadPrices(undefined, prices));
  const printer = standardOutput();
  if (json) await printer.print(`${printer.shown(JSON.stringify(recordOf(report), null, 2))}\n`);
  else await printer.print(reportText(report, printer));
  return 0;
}
