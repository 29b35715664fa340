import type { Command } from "commander";
import { applyConfig } from "./apply-config.ts";

/** Adds the options that choose the configuration file, and completes the flags of every command from it. */
export function configOptions(program: Command): Command {
  return program
    .option("--config <file>", "the configuration file (default: $REMEM_CONFIG, else remem.config.json, .yaml or .yml)")
    .option("--no-config", "read no configuration file")
    .configureHelp({ showGlobalOptions: true })
    .hook("preAction", (_, command) => applyConfig(command));
}
