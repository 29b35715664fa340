import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { type CacheMode, withoutCredentials } from "remem";
import { ask } from "./ask.ts";
import { batch } from "./batch.ts";
import type { ClientFlags } from "./client-flags.ts";
import { exportCache, importCache, type StoreFlags } from "./import-export.ts";

const MODES: readonly CacheMode[] = ["default", "reload", "no-store", "only-if-cached"];

const EXIT_CODES = `
Exit status:
  0  everything was answered
  1  something failed; in a batch, the records say what
  2  the command was called wrongly
  130  ended by Ctrl-C

The API key comes from OPENAI_API_KEY, and is needed only for what is not in the cache.`;

/** Runs the command with these arguments and gives its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  let status = 0;
  const program = new Command("remem")
    .description("Asks a language model, and pays for the same question once.")
    .version(version())
    .addHelpText("after", EXIT_CODES)
    .showHelpAfterError("(remem --help tells what there is)")
    .configureOutput({ writeErr: complain })
    .exitOverride();

  clientOptions(program.command("ask"))
    .description("answer one question on standard output")
    .argument("<question>", "the question, or - to read it from standard input")
    .action(async (question: string, flags: ClientFlags) => {
      status = await ask(question, flags);
    });

  clientOptions(program.command("batch"))
    .description("answer a file of JSON lines")
    .argument("<input>", "the file, or - for standard input")
    .option("-o, --output <file>", "where the answers go, or - for standard output", "-")
    .option("--concurrency <n>", "how many calls of the model may run at a time", wholeNumber, 10)
    .addHelpText("after", BATCH_HELP)
    .action(async (input: string, flags: ClientFlags & { output: string; concurrency: number }) => {
      status = await batch(input, flags);
    });

  storeOptions(program.command("import"))
    .description("copy the answers of a cache file of the Python class CacheOpenAI into the store")
    .argument("<file>", "the file, such as gpt-4o-mini_cache.sqlite; it is not changed")
    .action(async (file: string, flags: StoreFlags) => {
      status = await importCache(file, flags);
    });

  storeOptions(program.command("export"))
    .description("add the answers of the store to a cache file that the Python class CacheOpenAI reads")
    .argument("<file>", "the file, made where there is none; the rows that it has stay")
    .action(async (file: string, flags: StoreFlags) => {
      status = await exportCache(file, flags);
    });

  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // Commander has said why.
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return 1; // Whoever reads has left, as `| head` does.
    const problem = error instanceof Error ? error.message : error;
    complain(`${styleText("red", "remem:", { stream: process.stderr })} ${problem}\n`);
    return 1;
  }
}

/** What was mistyped is repeated to whoever has typed it, and may stand in a log: an address goes without its password. */
function complain(text: string): void {
  process.stderr.write(withoutCredentials(text));
}

const BATCH_HELP = `
A line is { "messages": [...], ...params }, with an "id" of your own if you like, or one of OpenAI's Batch format,
{ "custom_id", "method", "url", "body" }. Answers are written in the order of the lines, as they come, in the format of
their line; what fails is an error record in its place. After Ctrl-C, run it again: only what is missing is asked.`;

const STORE =
  "where answers are kept: memory:, sqlite:<file or directory>, or redis://<host> (default: $REMEM_STORE, else sqlite:./llm_cache)";

function storeOptions(command: Command): Command {
  return command
    .option("--store <url>", STORE)
    .option("--model <name>", "whose file it is, where the store is a directory", "gpt-4o-mini");
}

function clientOptions(command: Command): Command {
  return command
    .option("--model <name>", "the model where a line names none (default: gpt-4o-mini)")
    .option("--store <url>", STORE)
    .addOption(new Option("--cache <mode>", "how the store is used").choices(MODES).default("default"))
    .option("--base-url <url>", "an OpenAI-compatible server (default: $OPENAI_BASE_URL, else OpenAI)")
    .option("--param <name=json>", "a parameter to send, such as temperature=0; may be repeated", parameter, {});
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function parameter(text: string, known: Record<string, unknown>): Record<string, unknown> {
  const [, name, json] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || json === undefined) throw new InvalidArgumentError("It must be name=json.");
  try {
    return { ...known, [name]: JSON.parse(json) };
  } catch {
    throw new InvalidArgumentError(`${JSON.stringify(json)} is not JSON; a text needs its quotes: ${name}='"..."'.`);
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return number;
}
