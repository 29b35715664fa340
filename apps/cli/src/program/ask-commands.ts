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
  { "messages": [...], ...params } with an optional "id", or OpenAI's Batch
  format { "custom_id", "method", "url", "body" }. Of other lines, such as those
  of an evaluation set, --field or --template makes messages:
    remem batch set.csv --field question --keep expected -o answers.csv
  With --deferred, lines may be those of Anthropic's Message Batches instead:
  { "custom_id", "params" }. The key is $ANTHROPIC_API_KEY and the address
  $ANTHROPIC_BASE_URL; --model, --param, --provider and --base-url are for the
  others.
  A column that is no parameter stops the run before anything is sent: --keep
  writes it to the output and does not send it, --send sends it. The input may
  be compressed (gzip, zstd).

About output:
  The answers, in the order of the lines and in their format, as they arrive; a
  failure becomes an error record in its place. A file grows as <file>.partial.
  After Ctrl-C, run the command again to answer the rest.

About --deferred:
  The misses go to the Batch API of the provider. The command tells what it
  waits for, and ends with the status 3. Run it again, from any host that shares
  the store, to take what is answered. No request is uploaded twice.

About limits:
  After a rate limit of the server all calls wait together. The run ends early
  where the server asks to wait longer than --max-wait, and after 3 calls in a
  row that failed for a wrong key, an unknown model, or a server that is not
  there, unless --keep-going. What was answered is stored; run the command again
  to answer the rest.`;

/** Answers a batch in the way that its flags ask for. */
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

/** Adds the commands that ask a model, and those that say what would be asked. */
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
    .description("tell what a batch would ask and cost, and send nothing")
    .argument("<input>", "the file, or - for standard input")
    .action(async (input: string, flags: PlanFlags) => {
      const { plan } = await import("../commands/plan.ts");
      ends(await plan(input, flags));
    });

  clientOptions(inputOptions(explainOptions(program.command("explain"))))
    .description("tell why a request would miss: the nearest stored ones, and what differs")
    .argument("<request>", "a file with a request, a line of a batch, or an HTTP request; or - for standard input")
    .action(async (input: string, flags: ExplainFlags) => {
      const { explain } = await import("../commands/explain.ts");
      ends(await explain(input, flags));
    });
}
