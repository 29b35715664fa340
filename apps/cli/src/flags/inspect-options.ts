import type { EntryFilter } from "@remem/inspect";
import { type Command, Option } from "commander";
import type { ConfiguredFlags } from "./configured-flags.ts";
import { byteCount, duration, moment } from "./inspect-parsers.ts";
import { count, wholeNumber } from "./parsers.ts";

/** The flags that choose the cache to look into. */
export interface CacheFlags extends ConfiguredFlags {
  readonly store?: string;
  readonly model?: string;
}

export interface FilterFlags extends CacheFlags {
  readonly surface?: string;
  readonly since?: number;
  readonly until?: number;
  readonly grep?: string;
  readonly finishReason?: string;
}

export interface ListFlags extends FilterFlags {
  readonly limit?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
}

export interface ShowFlags extends CacheFlags {
  readonly json?: boolean;
  readonly raw?: boolean;
}

export interface RemoveFlags extends FilterFlags {
  readonly yes?: boolean;
}

export interface PruneFlags extends CacheFlags {
  readonly maxAge?: number;
  readonly maxBytes?: number;
  readonly yes?: boolean;
}

export interface VerifyFlags extends CacheFlags {
  readonly repair?: boolean;
  readonly yes?: boolean;
}

const STORE =
  "the cache: sqlite:<file or directory>, redis://<host>, or another database (default: $REMEM_STORE, else sqlite:./llm_cache)";

/** The options of every command that looks into a cache. */
export function cacheOptions(
  command: Command,
  model = "the model whose file to use if a directory has several",
): Command {
  return command
    .optionsGroup("Cache:")
    .option("--store <url>", STORE)
    .option("--model <name>", model)
    .optionsGroup("Options:");
}

/** The options that choose entries. */
export function filterOptions(command: Command): Command {
  return cacheOptions(command, "only answers of this model")
    .optionsGroup("Which entries:")
    .option("--surface <name>", "only entries of this surface, such as chat")
    .option("--since <time>", "only entries written at this time or later: 2026-01-31, or 2h, 7d ago", moment)
    .option("--until <time>", "only entries written before this time", moment)
    .option("--grep <text>", "only entries with this text in the question or in the answer")
    .option("--finish-reason <reason>", "only answers that ended for this reason, such as length")
    .optionsGroup("Options:");
}

export function listOptions(command: Command): Command {
  return filterOptions(command)
    .option("--limit <n>", "only the newest n (default: 50 on a terminal, else all)", wholeNumber)
    .addOption(new Option("--json", "JSON lines, with whole questions and answers").conflicts("csv"))
    .option("--csv", "CSV, with whole questions and answers");
}

export function showOptions(command: Command): Command {
  return cacheOptions(command)
    .addOption(new Option("--json", "one JSON object").conflicts("raw"))
    .option("--raw", "the text of the entry as it is stored");
}

export function viewOptions(command: Command): Command {
  return cacheOptions(command)
    .option("--port <n>", "the port; 0 for a free one", count, 8788)
    .option(
      "--journal <file>",
      "the journal for the overview (default: $REMEM_JOURNAL, else llm_cache/remem-journal.jsonl)",
    )
    .option("--read-only", "open the cache read-only, so that the page cannot delete entries")
    .option("--no-open", "do not open a browser; without a terminal, the command never opens one");
}

export function pruneOptions(command: Command): Command {
  return cacheOptions(command)
    .option("--max-age <time>", "remove entries older than this, such as 30d", duration)
    .option(
      "--max-bytes <size>",
      "remove the oldest entries until the rest takes at most this, such as 500MB",
      byteCount,
    );
}

/** The option of commands that change something. */
export function yesOption(command: Command): Command {
  return command.option("--yes", "do it; without this flag the command only prints what it would do");
}

export function filterOf({ model, surface, since, until, grep, finishReason }: FilterFlags): EntryFilter {
  return { model, surface, since, until, grep, finishReason };
}
