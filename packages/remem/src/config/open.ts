import { resolve } from "node:path";
import { RememError } from "@remem/core";
import type { ConfigFile } from "./config.ts";
import { findConfig } from "./find.ts";
import { readConfig } from "./read.ts";

/**
 * Reads the configuration file that applies: the one at the path `choice`, none for `false`; by default the one that `REMEM_CONFIG`
 * names, else the one that `findConfig` finds. `where` names the caller's function in errors.
 * @throws {RememError} with code `INVALID_OPTION`; its message lists every problem of the file
 */
export function openConfig(where: string, choice: string | false | undefined): ConfigFile | undefined {
  if (choice === false) return undefined;
  if (choice !== undefined && (typeof choice !== "string" || choice === "")) {
    throw new RememError("INVALID_OPTION", `${where}: \`config\` must be the path of a configuration file, or false.`);
  }
  const named = choice ?? (process.env.REMEM_CONFIG || undefined);
  if (named !== undefined) return readConfig(resolve(named), choice === undefined ? "REMEM_CONFIG" : "`config`");
  const { path } = findConfig();
  return path === undefined ? undefined : readConfig(path);
}
