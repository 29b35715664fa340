import type { Command } from "commander";
import type { ConfiguredFlags } from "../flags/configured-flags.ts";
import { CONFIG_COMMAND } from "./config-command-name.ts";
import { isClientCommand, resolveFlags } from "./resolve-flags.ts";

/** Sets flags that were not given to the values of the configuration file. A command without a store needs none. */
export function applyConfig(command: Command): void {
  if (command.name() === CONFIG_COMMAND || !command.options.some(({ long }) => long === "--store")) return;
  const { options, file } = resolveFlags(command);
  if (file === undefined) return;
  const { model, store, cacheDir, provider, baseURL, params, cache, ttlMs, timeoutMs, maxRetries, limits, journal } =
    options;
  const known = new Set(command.options.map((option) => option.attributeName()));
  const flags: Record<string, unknown> = {
    store: store ?? (cacheDir === undefined ? undefined : `sqlite:${cacheDir}/`),
    provider,
    baseUrl: baseURL,
    param: params,
    cache,
    timeout: timeoutMs && timeoutMs / 1_000,
    retries: maxRetries,
    rpm: limits?.rpm,
    tpm: limits?.tpm,
    maxWait: limits?.maxWaitMs === undefined ? undefined : limits.maxWaitMs / 1_000,
    ...(isClientCommand(command) && { model, journal }),
  };
  for (const [name, value] of Object.entries(flags)) if (known.has(name)) set(command, name, value);
  const defaultJournal = typeof journal === "string" ? journal : undefined;
  const further = { defaultModel: model, defaultJournal, ttlMs, prices: file.config.prices } satisfies Record<
    keyof ConfiguredFlags,
    unknown
  >;
  for (const [name, value] of Object.entries(further)) set(command, name, value);
}

function set(command: Command, name: string, value: unknown): void {
  if (value !== undefined) command.setOptionValueWithSource(name, value, "config");
}
