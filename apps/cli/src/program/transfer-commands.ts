import type { Command } from "commander";
import type { StoreFlags } from "../commands/import-export.ts";
import { storeOptions } from "../flags/options.ts";
import type { Ends } from "./ends.ts";

/** Adds the commands that copy answers from and to files of the Python class. */
export function transferCommands(program: Command, ends: Ends): void {
  storeOptions(program.command("import"))
    .description("copy answers from a cache file of the Python class CacheOpenAI into the store")
    .argument("<file>", "the file, such as gpt-4o-mini_cache.sqlite; it is not modified")
    .action(async (file: string, flags: StoreFlags) => {
      const { importCache } = await import("../commands/import-export.ts");
      ends(await importCache(file, flags));
    });

  storeOptions(program.command("export"))
    .description("add answers from the store to a cache file of the Python class CacheOpenAI")
    .argument("<file>", "the file, created if missing; existing rows are kept")
    .action(async (file: string, flags: StoreFlags) => {
      const { exportCache } = await import("../commands/import-export.ts");
      ends(await exportCache(file, flags));
    });
}
