import type { Command } from "commander";
import type { ViewFlags } from "../commands/view.ts";
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
  viewOptions,
  yesOption,
} from "../flags/inspect-options.ts";
import { hasJournal, journalStatsOptions, type StatsFlags } from "../flags/journal-flags.ts";
import type { Ends } from "./ends.ts";

const VIEW_HELP = `
About the page:
  Only browsers on this machine can open the page, with the token in the printed
  address. The page loads nothing from other hosts. Over SSH, forward the port:
    ssh -L 8788:localhost:8788 <host>
  Everybody with the address can read every prompt and answer, until Ctrl-C.`;

/** Adds the commands that look into a cache. */
export function inspectCommands(program: Command, ends: Ends): void {
  listOptions(program.command("ls"))
    .description("list the stored entries, the newest first")
    .action(async (flags: ListFlags) => {
      const { ls } = await import("../inspection/ls.ts");
      ends(await ls(flags));
    });

  viewOptions(program.command("view"))
    .description("look at a cache in a browser: entries, differences, reasons for misses")
    .addHelpText("after", VIEW_HELP)
    .action(async (flags: ViewFlags, command: Command) => {
      const { view } = await import("../commands/view.ts");
      ends(await view(flags, command));
    });

  showOptions(program.command("show"))
    .description("show one entry: the conversation, the answer, and the parameters in its key")
    .argument("<key>", "the key or its beginning, as ls shows it")
    .action(async (key: string, flags: ShowFlags) => {
      const { show } = await import("../inspection/show.ts");
      ends(await show(key, flags));
    });

  yesOption(filterOptions(program.command("rm")))
    .description("remove entries; without --yes, only list them")
    .argument("[keys...]", "keys or beginnings of keys")
    .action(async (keys: string[], flags: RemoveFlags) => {
      const { rm } = await import("../inspection/rm.ts");
      ends(await rm(keys, flags));
    });

  yesOption(cacheOptions(program.command("clear")))
    .description("remove everything; without --yes, only say what")
    .action(async (flags: RemoveFlags) => {
      const { clear } = await import("../inspection/rm.ts");
      ends(await clear(flags));
    });

  yesOption(pruneOptions(program.command("prune")))
    .description("remove the least recently written entries; without --yes, only list them")
    .action(async (flags: PruneFlags) => {
      const { prune } = await import("../inspection/rm.ts");
      ends(await prune(flags));
    });

  yesOption(cacheOptions(program.command("verify")).option("--repair", "remove damaged entries, which are never hits"))
    .description("check the digests and the key of every entry")
    .action(async (flags: VerifyFlags) => {
      const { verify } = await import("../inspection/verify.ts");
      ends(await verify(flags));
    });

  journalStatsOptions(cacheOptions(program.command("stats")).option("--json", "one JSON object"))
    .description(
      "count entries, bytes, tokens and cost, by model, surface and day; with --journal: calls, hits and misses",
    )
    .action(async (flags: StatsFlags, command: Command) => {
      if (hasJournal(flags, command)) {
        const { journalStats } = await import("../inspection/journal-stats.ts");
        ends(await journalStats(flags));
      } else {
        const { stats } = await import("../inspection/stats.ts");
        ends(await stats(flags));
      }
    });
}
