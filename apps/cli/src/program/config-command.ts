import type { Command } from "commander";
import { CONFIG_COMMAND } from "../config/config-command-name.ts";
import { cacheOption, clientOptions } from "../flags/options.ts";
import type { Ends } from "./ends.ts";

const HELP = `
Node can read variables, such as API keys, from a file:
  node --env-file=.env "$(which remem)" ask "..."`;

/** Adds the options that choose the configuration file, which completes the flags of every command. */
export function configOptions(program: Command): Command {
  return program
    .option("--config <file>", "the configuration file (default: $REMEM_CONFIG, else remem.config.json, .yaml or .yml)")
    .option("--no-config", "read no configuration file")
    .hook("preAction", async (_, command) => {
      const { applyConfig } = await import("../config/apply-config.ts");
      applyConfig(command);
    });
}

/** Adds the command that shows the effective settings. */
export function configCommand(program: Command, ends: Ends): void {
  cacheOption(clientOptions(program.command(CONFIG_COMMAND).option("--json", "print one JSON object")))
    .description("show the effective settings and the source of each")
    .addHelpText("after", HELP)
    .action(async (_: object, command: Command) => {
      const { config } = await import("../commands/config.ts");
      ends(await config(command));
    });
}
