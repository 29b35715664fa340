#!/usr/bin/env node
// The command is in a package of its own, so that programs that import remem do not install the libraries of a command.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const cli = findCli();
if (cli === undefined) {
  console.error(
    "The command is in the package @remem/cli. Install it (npm install @remem/cli), or run it directly: npx @remem/cli",
  );
  process.exitCode = 1;
} else {
  const { main } = await import(cli);
  process.exitCode = await main(process.argv.slice(2));
}

/** Looks next to this package, then in the project that the command is called from. */
function findCli() {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return pathToFileURL(createRequire(from).resolve("@remem/cli")).href;
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}
