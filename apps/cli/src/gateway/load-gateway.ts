import { pathToFileURL } from "node:url";
import { findPackage } from "@remem/core/plugin";
import { UsageError } from "../flags/usage-error.ts";

const PACKAGE = "@remem/gateway";

/** Loads the gateway, a package that is installed on demand. */
export async function loadGateway(): Promise<typeof import("@remem/gateway")> {
  let path: string;
  try {
    path = findPackage(PACKAGE, import.meta.url);
  } catch (cause) {
    const problem = `this command needs the package ${PACKAGE}: npm install ${PACKAGE} (with --global, if @remem/cli is installed so)`;
    throw new UsageError(problem, { cause });
  }
  return (await import(pathToFileURL(path).href)) as typeof import("@remem/gateway");
}
