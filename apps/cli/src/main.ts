import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { withoutCredentials } from "@remem/core/plugin";
import { Command, CommanderError } from "commander";
import { ask } from "./commands/ask.ts";
import { type BatchFlags, batch } from "./commands/batch.ts";
import { config } from "./commands/config.ts";
import { type ExplainFlags, explain } from "./commands/explain.ts";
import { exportCache, importCache, type StoreFlags } from "./commands/import-export.ts";
import { inspectCommands } from "./commands/inspect-commands.ts";
import { type PlanFlags, plan } from "./commands/plan.ts";
import { CONFIG_COMMAND } from "./config/apply-config.ts";
import { ConfigError } from "./config/config-error.ts";
import { configOptions } from "./config/config-options.ts";
import type { ClientFlags } from "./flags/client-flags.ts";
import { inFlags } from "./flags/in-flags.ts";
import {
  batchOptions,
  cacheOption,
  clientOptions,
  explainOptions,
  inputOptions,
  partOptions,
  storeOptions,
} from "./flags/options.ts";
import { UsageError } from "./flags/usage-error.ts";
import { shownOn } from "./output/terminal.ts";

const EXIT_CODES = `
Exit status:
  0  everything was answered
  1  something failed; in a batch, see the error records. Or nothing was found, or verify found damage
  2  invalid usage
  130  interrupted by Ctrl-C

The API key is read from OPENAI_API_KEY and is needed only for cache misses. Defaults of flags are read from a configuration
file, remem.config.json or .yaml; remem config shows the effective ones. Node can read variables from a file:
  node --env-file=.env "$(which remem)" ask "..."`;

/** Runs the command with these arguments. Returns its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  let status = 0;
  const program = new Command("remem")
    .description("Ask a language model through a cache: an identical request is paid for once.")
    .version(version())
    .addHelpText("after", EXIT_CODES)
    .showHelpAfterError("(run remem --help for usage)")
    .configureOutput({ writeErr: complain })
    .exitOverride();
  configOptions(program);

  cacheOption(clientOptions(program.command("ask")))
    .description("print the answer to one question")
    .argument("<question>", "the question, or - to read it from standard input")
    .action(async (question: string, flags: ClientFlags) => {
      status = await ask(question, flags);
    });

  cacheOption(clientOptions(partOptions(inputOptions(batchOptions(program.command("batch"))))))
    .description("answer the requests in a file: JSON lines, or a table")
    .argument("<input>", "the file, or - for standard input")
    .addHelpText("after", BATCH_HELP)
    .action(async (input: string, flags: BatchFlags) => {
      status = await batch(input, flags);
    });

  clientOptions(partOptions(inputOptions(program.command("plan"))))
    .description("tell what a batch would ask and cost, and send nothing")
    .argument("<input>", "the file, or - for standard input")
    .option("--json", "print one JSON object")
    .action(async (input: string, flags: PlanFlags) => {
      status = await plan(input, flags);
    });

  clientOptions(inputOptions(explainOptions(program.command("explain"))))
    .description("tell why a request would miss: the nearest stored ones, and what differs")
    .argument("<request>", "a file with a request, a line of a batch, or an HTTP request; or - for standard input")
    .action(async (input: string, flags: ExplainFlags) => {
      status = await explain(input, flags);
    });

  storeOptions(program.command("import"))
    .description("copy answers from a cache file of the Python class CacheOpenAI into the store")
    .argument("<file>", "the file, such as gpt-4o-mini_cache.sqlite; it is not modified")
    .action(async (file: string, flags: StoreFlags) => {
      status = await importCache(file, flags);
    });

  storeOptions(program.command("export"))
    .description("add answers from the store to a cache file of the Python class CacheOpenAI")
    .argument("<file>", "the file, created if missing; existing rows are kept")
    .action(async (file: string, flags: StoreFlags) => {
      status = await exportCache(file, flags);
    });

  cacheOption(clientOptions(program.command(CONFIG_COMMAND)))
    .description("show the effective settings, and where each comes from")
    .option("--json", "print one JSON object")
    .action(async (_: object, command: Command) => {
      status = await config(command);
    });

  inspectCommands(program, (ended) => {
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

/** Prints an error without passwords: messages quote mistyped arguments, such as addresses, and may end up in a log. */
function complain(text: string): void {
  process.stderr.write(shownOn(process.stderr, withoutCredentials(text)));
}

const BATCH_HELP = `
Lines:
  { "messages": [...], ...params } with an optional "id", or OpenAI's Batch format { "custom_id", "method", "url", "body" }.
  Of other lines, such as those of an evaluation set, --field question or --template file.txt makes messages:
    remem batch questions.csv --field question --keep expected -o answers.csv
  A column that is no parameter stops the run before anything is sent: --keep writes it to the output and does not send
  it, --send sends it. The input may be compressed (gzip, zstd).

Output:
  The answers, in the order of the lines and in their format, as they arrive; a failure becomes an error record in its
  place. A file grows as <file>.partial. After Ctrl-C, run the command again to answer the rest.

Limits:
  After a rate limit of the server all calls wait together. The run ends early where the server asks to wait longer than
  --max-wait, and after 3 calls in a row that failed for a wrong key, an unknown model, or a server that is not there,
  unless --keep-going. What was answered is stored; run the command again to answer the rest.`;

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
