import type { ArgumentWords, OptionWords, Words } from "./words.ts";

export function fishCompletion({ name, options, commands }: Words): string {
  const isFirst = "__fish_use_subcommand";
  const lines = [
    `# Completion of ${name} for fish. Load it with: ${name} completion fish | source`,
    `complete -c ${name} -f`,
    ...options.map((option) => `complete -c ${name} -n ${isFirst} ${optionArguments(option)}`),
  ];
  for (const { name: command, description, options, argument } of commands) {
    const isGiven = `'__fish_seen_subcommand_from ${command}'`;
    lines.push(`complete -c ${name} -n ${isFirst} -a ${command} -d ${quoted(description)}`);
    lines.push(...options.map((option) => `complete -c ${name} -n ${isGiven} ${optionArguments(option)}`));
    const words = argument && argumentArguments(argument);
    if (words !== undefined) lines.push(`complete -c ${name} -n ${isGiven} ${words}`);
  }
  return `${lines.join("\n")}\n`;
}

function optionArguments({ flags, description, value }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, ...(value === undefined ? [] : [valueArguments(value)]), "-d", quoted(description)].join(" ");
}

/** `-x`: only the named values. `-r -F`: a file. fish does not ask for an optional value. */
function valueArguments({ kind, isOptional }: ArgumentWords): string {
  const isNeeded = isOptional ? "-f" : "-x";
  if (kind === "file") return "-r -F";
  return kind === undefined ? isNeeded : `${isNeeded} -a ${quoted(kind.join(" "))}`;
}

function argumentArguments({ kind }: ArgumentWords): string | undefined {
  if (kind === "file") return "-F";
  return kind && `-a ${quoted(kind.join(" "))}`;
}

const quoted = (text: string): string => `'${text.replace(/['\\]/g, "\\$&")}'`;
