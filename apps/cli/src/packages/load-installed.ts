import { pathToFileURL } from "node:url";
import { findPackage } from "@remem/core/plugin";
import { UsageError } from "../flags/usage-error.ts";

/**
 * Loads a package that is installed on demand.
 * @throws {UsageError} that says how to install it, if it is missing
 */
export async function loadInstalled(name: string): Promise<unknown> {
  let path: string;
  try {
    path = findPackage(name, import.meta.url);
  } catch (cause) {
    const problem = `this command needs the package ${name}: npm install ${name} (with --global, if @remem/cli is installed so)`;
    throw new UsageError(problem, { cause });
  }
  return import(pathToFileURL(path).href);
}
