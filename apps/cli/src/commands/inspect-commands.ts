import type { Command } from "commander";
import {
  cacheOptions,
  filterOptions,
  type ListFlags,
  listOptions,
  type PruneFlags,
  pruneOptions,
  type RemoveFlags,
  type ShowFlags,
  showOptions,
  type VerifyFlags,
  yesOption,
} from "../flags/inspect-options.ts";
import { hasJournal, journalStatsOptions, type StatsFlags } from "../flags/journal-flags.ts";
import { journalStats } from "./journal-stats.ts";
import { ls } from "./ls.ts";
import { clear, prune, rm } from "./rm.ts";
import { show } from "./show.ts";
import { stats } from "./stats.ts";
import { verify } from "./verify.ts";

/** Adds the commands that look into a cache. `ends` gets the exit status. */
export function inspectCommands(program: Command, ends: (status: number) => void): void {
  listOptions(program.command("ls"))
    .description("list what is stored, the newest first")
    .action(async (flags: ListFlags) => ends(await ls(flags)));

  showOptions(program.command("show"))
    .description("show one entry: the conversation, the answer, and what it was keyed by")
    .argument("<key>", "the key, or the beginning of it, as ls shows it")
    .action(async (key: string, flags: ShowFlags) => ends(await show(key, flags)));

  yesOption(filterOptions(program.command("rm")))
    .description("remove entries; says first what it would remove")
    .argument("[keys...]", "keys, or the beginnings of keys")
    .action(async (keys: string[], flags: RemoveFlags) => ends(await rm(keys, flags)));

  yesOption(cacheOptions(program.command("clear")))
    .description("remove everything; says first what it would remove")
    .action(async (flags: RemoveFlags) => ends(await clear(flags)));

  yesOption(pruneOptions(program.command("prune")))
    .description("remove the least recently written entries; says first what it would remove")
    .action(async (flags: PruneFlags) => ends(await prune(flags)));

  yesOption(cacheOptions(program.command("verify")).option("--repair", "remove damaged entries, which are never hits"))
    .description("check every entry, and that its key is that of its request")
    .action(async (flags: VerifyFlags) => ends(await verify(flags)));

  journalStatsOptions(cacheOptions(program.command("stats")).option("--json", "one JSON object"))
    .description(
      "count entries, bytes, tokens and money, by model, surface and day; with --journal: calls, hits and misses",
    )
    .action(async (flags: StatsFlags) => ends(await (hasJournal(flags) ? journalStats(flags) : stats(flags))));
}
