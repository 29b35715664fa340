#!/usr/bin/env node
// An older Node fails in the middle of what is imported, so that is imported after this check.
if ("rawJSON" in JSON && "withResolvers" in Promise) {
  const { main } = await import("../dist/index.js");
  process.exitCode = await main(process.argv.slice(2));
} else {
  console.error(`remem needs Node 22.23.3 or later; this is ${process.version}.`);
  process.exitCode = 1;
}
