import type { Argument, Command, Option } from "commander";

/** The words that can follow the name of a program. */
export interface Words {
  readonly name: string;
  readonly options: readonly OptionWords[];
  readonly commands: readonly CommandWords[];
}

export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  readonly argument: ArgumentWords | undefined;
}

export interface OptionWords {
  /** `--output`, and `-o` before it if there is one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined for a flag without a value. */
  readonly value: ArgumentWords | undefined;
}

export interface ArgumentWords {
  readonly name: string;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
  /** All values, or `"file"` for the path of a file. Undefined if neither is known. */
  readonly kind: readonly string[] | "file" | undefined;
}

export function wordsOf(program: Command): Words {
  const help = program.createHelp();
  const options = (command: Command): OptionWords[] =>
    [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].map(optionWords);
  const commands = help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    options: options(command),
    argument: argumentWords(command.registeredArguments[0], command.name() === "help" ? program : undefined),
  }));
  return { name: program.name(), options: options(program), commands };
}

/** The names of arguments that are files. */
const FILES: ReadonlySet<string> = new Set(["file", "input", "request"]);

function optionWords({ short, long, flags, description, required, optional, argChoices }: Option): OptionWords {
  const name = /[<[](.+?)[\]>]/.exec(flags)?.[1] ?? "";
  const value = { name, isOptional: optional, isRepeated: false, kind: argChoices ?? fileKind(name) };
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    value: required || optional ? value : undefined,
  };
}

/** @param named The program whose commands are the argument's values. */
function argumentWords(argument: Argument | undefined, named: Command | undefined): ArgumentWords | undefined {
  if (argument === undefined) return undefined;
  const name = argument.name();
  const kind = argument.argChoices ?? named?.commands.map((command) => command.name()) ?? fileKind(name);
  return { name, isOptional: !argument.required, isRepeated: argument.variadic, kind };
}

const fileKind = (name: string): "file" | undefined => (FILES.has(name) ? "file" : undefined);
