import { Argument, type Command } from "commander";
import type { BatchFlags } from "../commands/batch.ts";
import type { DeferredAction, DeferredFlags } from "../commands/deferred.ts";
import type { ExplainFlags } from "../commands/explain.ts";
import type { PlanFlags } from "../commands/plan.ts";
import type { ClientFlags } from "../flags/client-flags.ts";
import {
  batchOptions,
  cacheOption,
  clientOptions,
  explainOptions,
  inputOptions,
  partOptions,
} from "../flags/options.ts";
import { UsageError } from "../flags/usage-error.ts";
import type { Ends } from "./ends.ts";

const BATCH_HELP = `
About lines:
  A line is { "messages": [...], ...params } with an optional "id", or a line of
  OpenAI's Batch format, { "custom_id", "method", "url", "body" }. For other
  lines, such as those of an evaluation set, --field or --template makes the
  messages:
    remem batch set.csv --field question --keep expected -o answers.csv
  With --deferred, a line may also be one of Anthropic's Message Batches,
  { "custom_id", "params" }. For these, the command reads the API key from
  $ANTHROPIC_API_KEY and the address from $ANTHROPIC_BASE_URL. --model, --param,
  --provider and --base-url apply only to other lines.
  A column that is not a parameter stops the run before it sends anything.
  --keep copies the column to the output without sending it; --send sends it.
  The input may be compressed (gzip, zstd).

About flags with an optional value, such as --journal [file]:
  The flag takes the next argument as its value. Write the flag after the input,
  or write the value with =:
    remem batch questions.jsonl --journal
    remem batch --journal=calls.jsonl questions.jsonl

About output:
  The command writes the answers as they arrive, in the order and the format of
  the lines. For a failed line it writes an error record. It writes to
  <file>.partial, and renames that file at the end. After Ctrl-C, run the
  command again to answer the rest.

About --deferred:
  The command submits the misses to the Batch API of the provider, prints the
  state of each batch, and ends with the status 3. To collect the answers, run
  it again, on any host that shares the store. It uploads no request twice.

About limits:
  After a rate limit of the server all calls wait together. The run ends early
  if the server asks for a wait longer than --max-wait. Without --keep-going, it
  also ends early if 3 calls in a row fail because of a wrong key, an unknown
  model or an unreachable server. The answers so far are stored: run the command
  again to answer the rest.`;

/** Answers a batch as its flags ask for. */
async function answerBatch(input: string, flags: BatchFlags): Promise<number> {
  if (flags.wait !== undefined && !flags.deferred) throw new UsageError("--wait is for --deferred: add it.");
  if (flags.misses !== undefined) {
    const { writeMisses } = await import("../commands/misses.ts");
    return writeMisses(input, flags.misses, flags);
  }
  if (flags.deferred) {
    const { deferredBatch } = await import("../commands/deferred-batch.ts");
    return deferredBatch(input, flags);
  }
  const { batch } = await import("../commands/batch.ts");
  return batch(input, flags);
}

/** Adds the commands that ask a model, and those that forecast what they would ask. */
export function askCommands(program: Command, ends: Ends): void {
  cacheOption(clientOptions(program.command("ask")))
    .description("print the answer to one question")
    .argument("<question>", "the question, or - to read it from standard input")
    .action(async (question: string, flags: ClientFlags) => {
      const { ask } = await import("../commands/ask.ts");
      ends(await ask(question, flags));
    });

  cacheOption(clientOptions(partOptions(inputOptions(batchOptions(program.command("batch"))))))
    .description("answer the requests in a file: JSON lines, or a table")
    .argument("<input>", "the file, or - for standard input")
    .addHelpText("after", BATCH_HELP)
    .action(async (input: string, flags: BatchFlags) => {
      ends(await answerBatch(input, flags));
    });

  clientOptions(program.command("deferred").option("--json", "print one JSON object a batch"))
    .description("list the batches of batch --deferred, show how far one is, or cancel it")
    .addArgument(new Argument("<action>", "what to do").choices(["ls", "show", "cancel"] satisfies DeferredAction[]))
    .argument("[batch]", "the id of a batch, as ls shows it")
    .action(async (action: DeferredAction, batch: string | undefined, flags: DeferredFlags) => {
      const { deferred } = await import("../commands/deferred.ts");
      ends(await deferred(action, batch, flags));
    });

  clientOptions(partOptions(inputOptions(program.command("plan").option("--json", "print one JSON object"))))
    .description("count the calls of a batch and their cost, and send nothing")
    .argument("<input>", "the file, or - for standard input")
    .action(async (input: string, flags: PlanFlags) => {
      const { plan } = await import("../commands/plan.ts");
      ends(await plan(input, flags));
    });

  clientOptions(inputOptions(explainOptions(program.command("explain"))))
    .description("explain why a request would miss: show the nearest entries and the differences")
    .argument("<request>", "a file with a request, a line of a batch, or an HTTP request; or - for standard input")
    .action(async (input: string, flags: ExplainFlags) => {
      const { explain } = await import("../commands/explain.ts");
      ends(await explain(input, flags));
    });
}
