import type { ArgumentWords, CommandWords, OptionWords, Words } from "./words.ts";

/** Works when it is sourced below `compinit`, and as a file `_<name>` in `fpath`. */
export function zshCompletion({ name, options, commands }: Words): string {
  return `#compdef ${name}
# Completion of ${name} for zsh. Load it with: source <(${name} completion zsh)
_${name}() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name.replaceAll(":", "\\:")}:${description}`)}`).join("\n")}
  )
  _arguments -C ${options.map(optionSpec).join(" ")} '1:command:->command' '*::argument:->argument' && return
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $words[1] in
${commands.map(commandCase).join("\n")}
      esac ;;
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function commandCase({ name, options, argument }: CommandWords): string {
  const specs = options.map(optionSpec);
  if (argument !== undefined) specs.push(quoted(`${argument.isRepeated ? "*" : "1"}:${valueSpec(argument)}`));
  return `        ${name}) _arguments -s ${specs.join(" ")} ;;`;
}

function optionSpec({ flags, description, value }: OptionWords): string {
  const text = `[${description.replace(/[[\]\\]/g, "\\$&")}]`;
  const colons = value?.isOptional ? "::" : ":";
  const tail = `${text}${value === undefined ? "" : colons + valueSpec(value)}`;
  // Repeatable: giving a flag twice is never wrong enough to hide it.
  return flags.map((flag) => quoted(`*${flag}${tail}`)).join(" ");
}

function valueSpec({ name, kind }: ArgumentWords): string {
  if (kind === "file") return `${name}:_files`;
  return kind === undefined ? `${name}: ` : `${name}:(${kind.join(" ")})`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
