import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { CommanderError } from "commander";
import { ConfigError } from "./config/config-error.ts";
import { inFlags } from "./flags/in-flags.ts";
import { UsageError } from "./flags/usage-error.ts";
import { complain } from "./output/complain.ts";
import { createProgram } from "./program/program.ts";

/** Runs the command with these arguments. Returns its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  let status = 0;
  const program = createProgram(version(), (ended) => {
    status = ended;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // Commander has printed the reason.
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return 1; // The reader has closed the pipe, as `| head` does.
    const problem =
      error instanceof ConfigError ? error.message : error instanceof Error ? inFlags(error.message) : error;
    process.stderr.write(`${styleText("red", "remem:", { stream: process.stderr })} `);
    complain(`${problem}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
