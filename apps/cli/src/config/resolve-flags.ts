import type { Command } from "commander";
import { RememError, type RememOptions } from "remem";
import { type ConfigFile, openConfig, type ResolvedOptions, resolveOptions } from "remem/config";
import { ConfigError } from "./config-error.ts";

/** Whether the server matters to a command: keys of requests depend on it, even if `import` only takes their answers. */
const hasServer = (command: Command): boolean =>
  isClientCommand(command) || command.getOptionValue("requests") !== undefined;

export interface ResolvedFlags extends ResolvedOptions {
  readonly file: ConfigFile | undefined;
}

/** Whether this command asks a model, or lets others ask. The others only need a store. */
export const isClientCommand = (command: Command): boolean =>
  command.options.some(({ long }) => long === "--param" || long === "--cache");

/**
 * Reads the configuration file, and completes the flags of a command from it.
 * @throws {ConfigError} whose message lists every problem of the file
 */
export function resolveFlags(command: Command): ResolvedFlags {
  try {
    const file = openConfig("remem", chosenFile(command));
    return { file, ...resolveOptions(optionsOf(command), file, hasServer(command) ? "all" : "store") };
  } catch (error) {
    if (!RememError.is(error)) throw error;
    const message = error.message.replace("pass `config: false`", "give --no-config").replace("`config`", "--config");
    throw new ConfigError(message, { cause: error });
  }
}

/** Returns the path that `--config` names, false for `--no-config`, and undefined without either. */
export function chosenFile(command: Command): string | false | undefined {
  const { config } = command.optsWithGlobals<{ config?: string | boolean }>();
  return config === true ? undefined : config;
}

/** The flags that were given, as options of the library. */
function optionsOf(command: Command): RememOptions {
  function given<T>(name: string): T | undefined {
    return command.getOptionValueSource(name) === "cli" ? (command.getOptionValue(name) as T) : undefined;
  }
  return {
    // Among commands that only need a store, --model chooses entries.
    model: isClientCommand(command) ? given("model") : undefined,
    store: given("store"),
    provider: given("provider"),
    baseURL: given("baseUrl"),
    params: given("param"),
    cache: given("cache"),
    timeoutMs: inMilliseconds(given("timeout")),
    maxRetries: given("retries"),
    // Without a file, the flag only turns the journal on.
    journal: given("journal") === true ? undefined : given("journal"),
    limits: { rpm: given("rpm"), tpm: given("tpm"), maxWaitMs: inMilliseconds(given("maxWait")) },
  };
}

export function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1_000);
}
