import type { Command, Option } from "commander";

/** The page of all commands, made of their definitions. */
export function referencePage(program: Command): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== "help");
  return `# The command \`${program.name()}\`

${program.description()} This page is made of the definitions that \`${program.name()} help <command>\` prints.

${commands.map((command) => `- [\`${command.name()}\`](#${anchor(command)}): ${escaped(command.description())}`).join("\n")}

${commands.map(section).join("\n")}`;

  function section(command: Command): string {
    const all = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
    const groups = Map.groupBy(all, ({ helpGroupHeading = "Options:" }) => helpGroupHeading);
    const rows = help
      .visibleArguments(command)
      .map((argument) => `- \`${help.argumentTerm(argument)}\`: ${escaped(help.argumentDescription(argument))}`);
    const tables = Array.from(groups, ([title, options]) => `${title}\n\n${options.map(optionRow).join("\n")}\n`);
    return `## ${program.name()} ${command.name()}

\`\`\`
${program.name()} ${command.name()} ${command.usage()}
\`\`\`

${escaped(command.description())}

${rows.length > 0 ? `${rows.join("\n")}\n\n` : ""}${tables.join("\n")}`;
  }

  function anchor(command: Command): string {
    return `${program.name()}-${command.name()}`;
  }

  function optionRow(option: Option): string {
    return `- \`${option.flags}\`: ${escaped(help.optionDescription(option))}`;
  }
}

/** Angle brackets would be taken for HTML. */
const escaped = (text: string): string => text.replace(/[<>]/g, (bracket) => (bracket === "<" ? "&lt;" : "&gt;"));
