import { Argument, type Command } from "commander";
import type { Shell } from "../completion/completion.ts";
import type { Ends } from "./ends.ts";

const HELP = `
Load it when a shell starts:
  bash  echo 'source <(remem completion bash)' >> ~/.bashrc
  zsh   echo 'source <(remem completion zsh)' >> ~/.zshrc
  fish  echo 'remem completion fish | source' >> ~/.config/fish/config.fish
In .zshrc, write the line below compinit.`;

/** Adds the command that prints the completion of a shell. It is made of the definitions of all commands. */
export function completionCommand(program: Command, ends: Ends): void {
  program
    .command("completion")
    .description("print a script that completes commands, flags and files in a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"] satisfies Shell[]))
    .addHelpText("after", HELP)
    .action(async (shell: Shell) => {
      const { completionFor } = await import("../completion/completion.ts");
      process.stdout.write(completionFor(shell, program));
      ends(0);
    });
}
