import type { Command } from "commander";
import type { JournalStatsFlags } from "../inspection/journal-stats.ts";
import type { ShowFlags } from "./inspect-options.ts";
import { moment } from "./inspect-parsers.ts";
import { UsageError } from "./usage-error.ts";

/** The flags of stats: of entries or, with `journal`, of calls. */
export type StatsFlags = ShowFlags & Partial<JournalStatsFlags>;

/** The option of commands that record their calls. */
export function journalOption(command: Command): Command {
  return command.option(
    "--journal [file]",
    "record each call in a file, without prompts and answers; takes the next argument as the file, so write it last, or --journal=<file> (default: $REMEM_JOURNAL; without a file llm_cache/remem-journal.jsonl)",
  );
}

/** The options of stats for a journal. */
export function journalStatsOptions(command: Command): Command {
  return command
    .option(
      "--journal [file]",
      "count the calls that a journal has recorded (default: $REMEM_JOURNAL, else llm_cache/remem-journal.jsonl)",
    )
    .option("--since <time>", "with --journal: only calls of this time or later: 2026-01-31, or 2h, 7d ago", moment)
    .option("--until <time>", "with --journal: only calls before this time", moment);
}

/**
 * Whether stats are of a journal.
 * @throws {UsageError} if a flag of one kind of stats would be ignored by the other
 */
export function hasJournal(flags: StatsFlags, command: Command): flags is StatsFlags & JournalStatsFlags {
  const { journal, since, until } = flags;
  if (journal === undefined && (since ?? until) !== undefined) {
    throw new UsageError("--since and --until are for the calls of a journal: add --journal");
  }
  if (journal !== undefined && command.getOptionValueSource("store") === "cli") {
    throw new UsageError("--store cannot be combined with --journal: a journal has the calls over every store");
  }
  return journal !== undefined;
}

/** The option `journal` of createRemem for a flag. Without a file it is that of the variable, if the variable names one. */
export function journalOf(flag: string | boolean | undefined): string | boolean | undefined {
  return flag === true ? process.env.REMEM_JOURNAL || true : flag;
}
