import { type Command, Option } from "commander";
import type { CacheMode, ProviderName } from "remem";
import { INPUT_FORMATS } from "../input/input-format.ts";
import { journalOption } from "./journal-flags.ts";
import { amount, concurrency, count, names, parameter, renamings, seconds, shard, wholeNumber } from "./parsers.ts";

const MODES: readonly CacheMode[] = ["default", "reload", "no-store", "only-if-cached"];
const PROVIDERS: readonly ProviderName[] = ["openai", "azure", "qwen"];

const STORE =
  "the store for answers: memory:, sqlite:<file or directory>, redis://<host>, postgres:, mysql:, mongodb:, valkey: or memcache: (default: $REMEM_STORE, else sqlite:./llm_cache)";

/** The options of commands that ask a model. */
export function clientOptions(command: Command): Command {
  return command
    .optionsGroup("Model and server:")
    .option("--model <name>", "the model for requests that name none (default: gpt-4o-mini)")
    .addOption(
      new Option("--provider <name>", "the kind of server (default: from the model's name)").choices(PROVIDERS),
    )
    .option("--base-url <url>", "the server's address (default: $OPENAI_BASE_URL, else OpenAI)")
    .addOption(
      new Option("--param <name=json>", "a request parameter, such as temperature=0; repeatable")
        .argParser(parameter)
        .default({}, "none"),
    )
    .optionsGroup("Cache:")
    .option("--store <url>", STORE)
    .addOption(
      new Option("--python-keys [number]", "use keys of CacheOpenAI, with whole temperatures as Python's int or float")
        .choices(["int", "float"])
        .preset("int"),
    )
    .optionsGroup("Limits:")
    .option("--timeout <seconds>", "the timeout of one attempt (default: 60)", wholeNumber)
    .option("--retries <n>", "how often a call is retried (default: 5)", count)
    .option(...RPM)
    .option(...TPM)
    .option("--max-wait <seconds>", "the longest wait for a rate limit of the server (default: 600)", count);
}

const RPM = ["--rpm <n>", "the maximum number of requests per minute", wholeNumber] as const;
const TPM = ["--tpm <n>", "the maximum number of tokens per minute, including those of answers", wholeNumber] as const;

export function cacheOption(command: Command): Command {
  return journalOption(
    command
      .optionsGroup("Cache:")
      .addOption(new Option("--cache <mode>", "how to use the store").choices(MODES).default("default")),
  );
}

/** The options of commands that let other programs ask. */
export function gatewayOptions(command: Command): Command {
  return cacheOption(command.optionsGroup("Cache:").option("--store <url>", STORE))
    .option(
      "--frozen",
      "answer only from the store: a request that is not stored gets the status 402, and no server is asked",
    )
    .optionsGroup("Limits:")
    .option("--max-calls <n>", "refuse further calls after n, with the status 402", wholeNumber)
    .option("--max-cost <dollars>", "refuse calls beyond this total cost, by list prices, with the status 402", amount)
    .option(...RPM)
    .option(...TPM)
    .option(
      "--max-wait <seconds>",
      "the longest wait for a rate limit of a server, for all calls together (default: programs wait themselves)",
      count,
    );
}

/** The options of a batch, besides those of its input and of the client. */
export function batchOptions(command: Command): Command {
  return command
    .optionsGroup("Run and output:")
    .option("-o, --output <file>", "the file for the answers, as JSON lines, .csv or .tsv; - for standard output", "-")
    .option("--with-prompt", "also write the sent messages to the output")
    .option("--deferred", "submit the misses to the Batch API of the provider: half the price, within a day")
    .addOption(
      new Option(
        "--wait [seconds]",
        "with --deferred: keep running, and check at this interval (default: 60)",
      ).argParser(seconds),
    )
    .addOption(
      new Option("--misses <file>", "write a Batch file of the misses instead, for another host to answer").conflicts(
        "deferred",
      ),
    )
    .option("--concurrency <n>", "the number of concurrent calls, or auto", concurrency, 10)
    .option("--max-calls <n>", "end the run before it sends more calls", wholeNumber)
    .option("--max-cost <dollars>", "end the run before it may cost more, by list prices", amount)
    .option("--max-failures <n>", "end the run after n failures", wholeNumber)
    .option("--keep-going", "continue after failures that will probably affect further calls, too");
}

/** The options that describe the lines of an input. */
export function inputOptions(command: Command): Command {
  return command
    .optionsGroup("Lines:")
    .addOption(
      new Option("--input-format <format>", "the format of the input (default: from its name, else jsonl)").choices(
        INPUT_FORMATS,
      ),
    )
    .option("--field <name>", "the column that holds the user's message")
    .option("--template <file>", "a file with the user's message, in which {{name}} is the column of this name")
    .option("--system <text>", "a system message for every line")
    .addOption(
      new Option(
        "--keep <names>",
        "columns to copy to the output without sending them, separated by commas; name=other renames; repeatable",
      )
        .argParser(renamings)
        .default({}, "none"),
    )
    .addOption(
      new Option("--send <names>", "columns to send although no documented server takes them")
        .argParser(names)
        .default([], "none"),
    );
}

/** The options of commands that only need a store. */
export function storeOptions(command: Command): Command {
  return command
    .option("--store <url>", STORE)
    .option(
      "--model <name>",
      "the model whose file to use if the store is a directory (default: from the name of <file>)",
    );
}

/** The options of import for the answers of a Batch API. */
export function answerOptions(command: Command): Command {
  return command
    .optionsGroup("Answers of a Batch API:")
    .option("--requests <file>", "the requests that <file> answers, as written by batch --misses")
    .addOption(new Option("--provider <name>", "the kind of server, as for --misses").choices(PROVIDERS))
    .option("--base-url <url>", "the server's address, as for --misses")
    .addOption(
      new Option("--python-keys [number]", "keys of CacheOpenAI, as for --misses")
        .choices(["int", "float"])
        .preset("int"),
    )
    .option("--samples <n>", "the number of answers to each request, as for --misses", wholeNumber)
    .optionsGroup("Options:");
}

/** The options that select answers. */
export function partOptions(command: Command): Command {
  return command
    .optionsGroup("Which answers:")
    .option("--samples <n>", "the number of independent answers to each line", wholeNumber)
    .option("--limit <n>", "answer only the first n lines", wholeNumber)
    .option("--shard <i/n>", "answer only the i-th of n parts; identical requests are in the same part", shard);
}

/** The options of explain, besides those of its input and of the client. */
export function explainOptions(command: Command): Command {
  return command
    .optionsGroup("Request and output:")
    .option("--line <n>", "the line of the input at which the request begins (default: the first)", wholeNumber)
    .option("--sample <n>", "the number of the answer, if there are several", count)
    .option("--nearest <n>", "how many of the nearest entries to show", wholeNumber, 3)
    .option("--json", "print one JSON object");
}
