import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { withoutCredentials } from "@remem/core/plugin";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type CacheMode, parseJson } from "remem";
import { ask } from "./ask.ts";
import { type BatchFlags, batch } from "./batch.ts";
import type { ClientFlags } from "./client-flags.ts";
import { exportCache, importCache, type StoreFlags } from "./import-export.ts";
import { inFlags } from "./in-flags.ts";
import { shownOn } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

const MODES: readonly CacheMode[] = ["default", "reload", "no-store", "only-if-cached"];

const EXIT_CODES = `
Exit status:
  0  everything was answered
  1  something failed; in a batch, see the error records
  2  invalid usage
  130  interrupted by Ctrl-C

The API key is read from OPENAI_API_KEY and is needed only for cache misses.`;

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

  clientOptions(program.command("ask"))
    .description("print the answer to one question")
    .argument("<question>", "the question, or - to read it from standard input")
    .action(async (question: string, flags: ClientFlags) => {
      status = await ask(question, flags);
    });

  clientOptions(program.command("batch"))
    .description("answer the requests in a file of JSON lines")
    .argument("<input>", "the file, or - for standard input")
    .option("-o, --output <file>", "the file for the answers, or - for standard output", "-")
    .option("--concurrency <n>", "the number of concurrent calls", wholeNumber, 10)
    .option(
      "--keep <names>",
      "members of lines that go to the output and are not sent, by comma; repeatable",
      names,
      [],
    )
    .option("--send <names>", "members of lines that are sent although no documented server takes them", names, [])
    .option("--keep-going", "ask on after failures that further calls will probably have, too")
    .option("--max-failures <n>", "end the run after so many failures", wholeNumber)
    .addHelpText("after", BATCH_HELP)
    .action(async (input: string, flags: BatchFlags) => {
      status = await batch(input, flags);
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

  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // Commander has printed the reason.
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return 1; // The reader has closed the pipe, as `| head` does.
    const problem = error instanceof Error ? inFlags(error.message) : error;
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
A line is { "messages": [...], ...params } with an optional "id", or has OpenAI's Batch format,
{ "custom_id", "method", "url", "body" }. Answers are written in the order of the lines as they arrive, in the format of
their line; a failure becomes an error record in its place. After Ctrl-C, run the command again to answer the rest.

A member that no documented server takes as a parameter, such as "expected", stops the run before anything is sent:
--keep expected writes it to the output and does not send it, --send expected sends it.

After a rate limit of the server all calls wait together. The run ends early where the server asks to wait longer than
--max-wait, and after 3 calls in a row that failed for a wrong key, an unknown model, or a server that is not there, unless
--keep-going. What was answered is stored; run the command again to answer the rest.`;

const STORE =
  "the store for answers: memory:, sqlite:<file or directory>, redis://<host>, postgres:, mysql:, mongodb:, valkey: or memcache: (default: $REMEM_STORE, else sqlite:./llm_cache)";

function storeOptions(command: Command): Command {
  return command
    .option("--store <url>", STORE)
    .option("--model <name>", "the model whose file is used if the store is a directory", "gpt-4o-mini");
}

function clientOptions(command: Command): Command {
  return command
    .option("--model <name>", "the model for requests that name none (default: gpt-4o-mini)")
    .option("--store <url>", STORE)
    .addOption(new Option("--cache <mode>", "how to use the store").choices(MODES).default("default"))
    .option("--base-url <url>", "an OpenAI-compatible server (default: $OPENAI_BASE_URL, else OpenAI)")
    .option("--timeout <seconds>", "how long one attempt may take (default: 60)", wholeNumber)
    .option("--retries <n>", "how often a call is retried (default: 5)", count)
    .option("--rpm <n>", "the most requests a minute", wholeNumber)
    .option("--tpm <n>", "the most tokens a minute, those of answers included", wholeNumber)
    .option("--max-wait <seconds>", "how long to wait for a rate limit of the server (default: 600)", count)
    .option("--param <name=json>", "a request parameter, such as temperature=0; repeatable", parameter, {});
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function parameter(text: string, known: Record<string, unknown>): Record<string, unknown> {
  const [, name, json] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || json === undefined) throw new InvalidArgumentError("It must be name=json.");
  try {
    return { ...known, [name]: parseJson(json) };
  } catch {
    throw new InvalidArgumentError(`${JSON.stringify(json)} is not JSON; a string needs quotes: ${name}='"..."'.`);
  }
}

const wholeNumber = (text: string): number => numberFrom(1, text);
const count = (text: string): number => numberFrom(0, text);

function names(text: string, known: readonly string[]): string[] {
  const added = text.split(",").map((name) => name.trim());
  if (added.includes("")) throw new InvalidArgumentError("It must be names, separated by commas.");
  return [...known, ...added];
}

function numberFrom(least: number, text: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
}
