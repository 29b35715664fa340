import { Command } from "commander";
import { complain } from "../output/complain.ts";
import { askCommands } from "./ask-commands.ts";
import { completionCommand } from "./completion-command.ts";
import { configCommand, configOptions } from "./config-command.ts";
import type { Ends } from "./ends.ts";
import { gatewayCommands } from "./gateway-commands.ts";
import { inspectCommands } from "./inspect-commands.ts";
import { transferCommands } from "./transfer-commands.ts";

const AFTER = `
Exit status:
  0    success
  1    something failed, nothing was found, or verify found damage
  2    invalid usage
  3    a batch with --deferred has unanswered lines
  130  interrupted by Ctrl-C

The command reads the API key from OPENAI_API_KEY, and needs it only for misses.
remem.config.json or .yaml, if there is one, sets defaults for flags. To see the
effective settings, run remem config.
Help for one command: remem help <command>`;

/**
 * Defines the commands: their names, arguments, flags and help. A command loads the code that it runs when it is called. `ends`
 * gets the exit status.
 */
export function createProgram(version: string, ends: Ends): Command {
  const program = new Command("remem")
    .description("Ask a language model through a cache: you pay for identical requests once.")
    .version(version)
    .addHelpText("after", AFTER)
    .showHelpAfterError("(run remem --help for usage)")
    .configureHelp({ minWidthToWrap: 20, showGlobalOptions: true })
    .configureOutput({ writeErr: complain })
    .exitOverride();
  configOptions(program);
  askCommands(program.commandsGroup("Ask:"), ends);
  gatewayCommands(program.commandsGroup("Cache the calls of programs:"), ends);
  inspectCommands(program.commandsGroup("Look into a cache:"), ends);
  transferCommands(program.commandsGroup("Exchange answers:"), ends);
  configCommand(program.commandsGroup("More:"), ends);
  completionCommand(program, ends);
  return program.helpCommand("help [command]", "show the help of a command");
}
