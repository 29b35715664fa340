import type { ArgumentWords, CommandWords, OptionWords, Words } from "./words.ts";

/**
 * Works in bash 3.2, which macOS has, and without the package bash-completion. `COMP_WORDS` breaks words at `=`, too.
 */
export function bashCompletion({ name, options, commands }: Words): string {
  return `# Completion of ${name} for bash. Load it with: source <(${name} completion bash)
_${name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= words= i
  [[ $word == = ]] && word=
  [[ $before == = ]] && before=\${COMP_WORDS[COMP_CWORD-2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] || { command=\${COMP_WORDS[i]}; break; }
  done
  COMPREPLY=()
  case $command:$before in
${commands.flatMap(valueCases).join("\n")}
  esac
  case $command:$word in
    :-*) words=${quoted(flagsOf(options))} ;;
    :*) words=${quoted(commands.map(({ name }) => name))} ;;
${commands.flatMap(wordCases).join("\n")}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _${name} ${name}
`;
}

const FILES = "compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=($(compgen -f -- \"$word\")); return ;;";

/** The word after a flag that takes a value. */
function valueCases({ name, options }: CommandWords): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const pattern = flags.map((flag) => `${name}:${flag}`).join(" | ");
    return value.isOptional && value.kind === undefined ? [] : [`    ${pattern}) ${valueAction(value)}`];
  });
}

function valueAction({ kind }: ArgumentWords): string {
  if (kind === undefined) return "return ;;";
  if (kind === "file") return FILES;
  return `COMPREPLY=($(compgen -W ${quoted(kind)} -- "$word")); return ;;`;
}

function wordCases({ name, options, argument }: CommandWords): string[] {
  const flags = `    ${name}:-*) words=${quoted(flagsOf(options))} ;;`;
  if (argument?.kind === undefined) return [flags];
  const words = argument.kind === "file" ? FILES : `words=${quoted(argument.kind)} ;;`;
  return [flags, `    ${name}:*) ${words}`];
}

const flagsOf = (options: readonly OptionWords[]): string[] => options.flatMap(({ flags }) => flags);
const quoted = (words: readonly string[]): string => `"${words.join(" ")}"`;
