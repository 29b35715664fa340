import type { GenericSchema } from "valibot";
import { KEYV_SCHEMES } from "../keyv-schemes.ts";
import type { RememConfig } from "./config.ts";
import { gatewaySchema } from "./gateway-schema.ts";

type Valibot = typeof import("valibot");

/** The title of the file's JSON Schema. */
const TITLE = "Configuration of remem";
const SCHEMES = ["sqlite", "redis", "rediss", ...Object.keys(KEYV_SCHEMES)].map((scheme) => scheme.replace("+", "\\+"));
/** The URL of a store, or a text with a variable, which may be one. */
const STORES = new RegExp(`^(memory:$|(${SCHEMES.join("|")}):.+|.*\\$\\{)`);

/** The schema of a configuration file. Each message says what a member must be. Takes valibot, which is loaded on demand. */
export function configSchema(v: Valibot): GenericSchema<unknown, RememConfig> {
  const text = (expected: string) => v.pipe(v.string(expected), v.minLength(1, expected));
  function count(least: number, most: number = 2 ** 31 - 1) {
    const expected = `a whole number from ${least} to ${most}`;
    return v.pipe(v.number(expected), v.integer(expected), v.minValue(least, expected), v.maxValue(most, expected));
  }
  const dollars = "a number of dollars from 0";
  const price = (what: string) =>
    v.pipe(v.number(dollars), v.finite(dollars), v.minValue(0, dollars), v.description(what));
  const choices = <const Names extends readonly string[]>(names: Names) =>
    v.picklist(names, `one of ${names.map((name) => JSON.stringify(name)).join(", ")}`);
  const object = "an object";
  const journal = "true, false or the path of a file";

  const limits = v.strictObject(
    {
      rpm: v.optional(v.pipe(count(1), v.description("The most requests in any minute. Unlimited by default."))),
      tpm: v.optional(
        v.pipe(
          count(1),
          v.description("The most tokens in any minute, those of answers included. Unlimited by default."),
        ),
      ),
      maxWaitMs: v.optional(
        v.pipe(
          count(0),
          v.description("The longest wait for a rate limit of the server, in milliseconds. 600000 by default."),
        ),
      ),
    },
    object,
  );
  const modelPrice = v.strictObject(
    { input: price("The price of tokens in prompts."), output: price("The price of tokens in answers.") },
    "an object with `input` and `output`",
  );
  const address = v.pipe(
    v.string("text"),
    v.regex(/^(https?:\/\/\S+|.*\$\{.*)$/, "an address that begins with http:// or https://"),
  );
  return v.pipe(
    v.strictObject({
      $schema: v.optional(v.pipe(v.string("text"), v.description("The JSON Schema of this file, for editors."))),
      store: v.optional(
        v.pipe(
          v.string("text"),
          v.regex(STORES, "the URL of a store, such as memory:, sqlite:./cache or redis://host"),
          v.description(
            `The URL of the store for answers: memory:, sqlite:<file or directory>, redis://<host>, or another database. A path is relative to this file. \${NAME} stands for a variable. Excludes cacheDir.`,
          ),
          v.examples(["sqlite:./llm_cache", "redis://localhost:6379", `\${REDIS_URL}`]),
        ),
      ),
      cacheDir: v.optional(
        v.pipe(
          text("the path of a directory"),
          v.description(
            "The directory of the SQLite file, relative to this file. llm_cache in the working directory by default.",
          ),
        ),
      ),
      model: v.optional(
        v.pipe(
          text("the name of a model"),
          v.description("The model of requests that name none. gpt-4o-mini by default."),
        ),
      ),
      provider: v.optional(
        v.pipe(
          choices(["openai", "azure", "qwen"]),
          v.description("The kind of server. By default the model's name decides."),
        ),
      ),
      baseURL: v.optional(
        v.pipe(
          address,
          v.description(
            `The address of the server, OpenAI's own by default. Azure's endpoint with the provider azure. API keys are sent there. \${NAME} stands for a variable.`,
          ),
        ),
      ),
      params: v.optional(
        v.pipe(
          v.record(v.string(), v.any(), object),
          v.description("Further parameters of every request, such as temperature. They are part of the key."),
          v.examples([{ temperature: 0, seed: 1 }]),
        ),
      ),
      cache: v.optional(
        v.pipe(
          choices(["default", "reload", "no-store", "only-if-cached"]),
          v.description("How the store is used: reload asks and replaces, only-if-cached never asks."),
        ),
      ),
      ttlMs: v.optional(
        v.pipe(
          count(1, 8.64e15 / 2),
          v.description("How long answers may be served, in milliseconds. Forever by default."),
        ),
      ),
      timeoutMs: v.optional(
        v.pipe(count(1), v.description("The timeout of one attempt in milliseconds. 60000 by default.")),
      ),
      maxRetries: v.optional(v.pipe(count(0), v.description("The number of retries. 5 by default."))),
      journal: v.optional(
        v.pipe(
          v.union([v.boolean(journal), text(journal)], journal),
          v.description(
            "A file that records each call, without prompts and answers, relative to this file; true for remem-journal.jsonl in cacheDir. None by default.",
          ),
        ),
      ),
      limits: v.optional(v.pipe(limits, v.description("Limits of the rate of requests."))),
      gateway: v.optional(
        v.pipe(
          gatewaySchema(v, { text, count, choices, address }),
          v.description("The servers behind the gateway of remem serve and remem run, and who may use it."),
        ),
      ),
      prices: v.optional(
        v.pipe(
          v.record(v.string(), modelPrice, object),
          v.description("Prices by model, in dollars per million tokens. They take precedence over list prices."),
          v.examples([{ "my-model": { input: 0.15, output: 0.6 } }]),
        ),
      ),
    } satisfies Record<keyof RememConfig, unknown>),
    v.title(TITLE),
  );
}
