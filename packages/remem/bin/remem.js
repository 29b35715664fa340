#!/usr/bin/env node
// The command lives in a package of its own, so that a program that imports remem does not install a command's libraries.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const cli = findCli();
if (cli === undefined) {
  console.error(
    "The command is in the package @remem/cli: npm install @remem/cli, or run it at once with npx @remem/cli",
  );
  process.exitCode = 1;
} else {
  const { main } = await import(cli);
  process.exitCode = await main(process.argv.slice(2));
}

/** Beside this package, or in the project that it is called from. */
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
