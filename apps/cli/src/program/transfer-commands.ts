import type { Command } from "commander";
import type { AnswerFlags } from "../commands/import-answers.ts";
import type { StoreFlags } from "../commands/import-export.ts";
import { answerOptions, storeOptions } from "../flags/options.ts";
import type { Ends } from "./ends.ts";

/** Adds the commands that copy answers from and to files. */
export function transferCommands(program: Command, ends: Ends): void {
  answerOptions(storeOptions(program.command("import")))
    .description("copy answers into the store, from a cache file of Python's CacheOpenAI or from a Batch API")
    .argument("<file>", "the file, such as gpt-4o-mini_cache.sqlite or results.jsonl; import does not modify it")
    .action(async (file: string, flags: StoreFlags & Partial<AnswerFlags>) => {
      const { requests } = flags;
      if (requests !== undefined) {
        const { importAnswers } = await import("../commands/import-answers.ts");
        return ends(await importAnswers(file, { ...flags, requests }));
      }
      const { importCache } = await import("../commands/import-export.ts");
      ends(await importCache(file, flags));
    });

  storeOptions(program.command("export"))
    .description("add answers from the store to a cache file of the Python class CacheOpenAI")
    .argument("<file>", "the file; export creates it if missing, and keeps existing rows")
    .action(async (file: string, flags: StoreFlags) => {
      const { exportCache } = await import("../commands/import-export.ts");
      ends(await exportCache(file, flags));
    });
}
