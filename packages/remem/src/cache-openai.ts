import { join } from "node:path";
import {
  type BatchOptions,
  type CallParams,
  type ChatParams,
  type Client,
  createClient,
  type InferFailure,
  type InferOptions,
  type InferResult,
  type LLMProvider,
  type Logger,
  type MessageInput,
  RememError,
} from "@remem/core";
import { checkOptions } from "@remem/core/plugin";
import { sqliteStore } from "@remem/sqlite";
import { adapter } from "./adapter.ts";
import { cacheFile, DEFAULT_CACHE_FILENAME } from "./cache-file.ts";
import { given } from "./given.ts";
import { providerFor } from "./provider-for.ts";

export interface CacheOpenAIOptions {
  /** The directory of the SQLite file, made where there is none. */
  readonly cacheDir: string;
  /** `"{llmName}_cache.sqlite"` by default, with `_` for `/`. A file of the Python class is opened in place: its rows are hits. */
  readonly cacheFilename?: string;
  /** `"gpt-4o-mini"` by default. */
  readonly llmName?: string;
  /** `OPENAI_API_KEY` by default, with `useAzure` `AZURE_OPENAI_API_KEY`. Needed for the first request that is sent, not for hits. */
  readonly apiKey?: string;
  /** `OPENAI_BASE_URL` by default, else OpenAI's own endpoint. With `useAzure` the endpoint, `AZURE_OPENAI_ENDPOINT` by default. */
  readonly llmBaseUrl?: string;
  /** Sent as `n`: 1 by default. `response` is the text of the first choice. */
  readonly numGenChoices?: number;
  /** 0 by default; null sends null. */
  readonly seed?: number | null;
  /** 0 by default. Some newer models refuse any but their own: then it has to be given. */
  readonly temperature?: number;
  /**
   * Which integral numbers of a request are floats in Python's keys, by JSON Pointer: `0` and `0.0` are two keys there.
   * By default `/temperature` alone.
   */
  readonly floats?: (pointer: string) => boolean;
  /** Asks Azure OpenAI, by `@remem/azure`. False by default. */
  readonly useAzure?: boolean;
  /** Warnings and errors go to standard error by default. */
  readonly logger?: Logger;
}

/** The configuration of an experiment, by the names it has in Python. What it holds besides is left alone. */
export interface ExperimentConfig {
  /** The cache lies in its directory `llm_cache`. */
  readonly save_dir: string;
  readonly llm_name?: string;
  readonly llm_base_url?: string | null;
  readonly num_gen_choices?: number;
  /** None by default. */
  readonly seed?: number | null;
  /** The int 0 by default. */
  readonly temperature?: number;
  readonly use_azure?: boolean;
  readonly [name: string]: unknown;
}

/**
 * REMem's Python class, option by option: an SQLite file in front of OpenAI, Azure OpenAI or Qwen3. It sends `n`, `seed`
 * and `temperature` as that does, and has its keys: one cache directory belongs to one endpoint, and seeing to that is
 * the user's. Unlike that it throws a typed error where a call fails, and what is in `params` is sent and in the key.
 */
export class CacheOpenAI implements AsyncDisposable {
  /** What is asked, and how. */
  readonly config: {
    readonly llm_name: string;
    /** "" where it is the provider's own default. */
    readonly llm_base_url: string;
    readonly generate_params: ChatParams;
  };
  readonly #client: Client;

  constructor(options: CacheOpenAIOptions) {
    checkOptions("CacheOpenAI", options, KNOWN);
    const { cacheDir, cacheFilename = DEFAULT_CACHE_FILENAME, llmName = "gpt-4o-mini" } = options;
    const { numGenChoices: n = 1, seed = 0, temperature = 0, floats, logger = STANDARD_ERROR } = options;
    checkDirectory("CacheOpenAI", "cacheDir", cacheDir);
    const params = { model: llmName, n, seed, temperature };
    this.config = { llm_name: llmName, llm_base_url: baseUrlOf(options), generate_params: params };
    this.#client = createClient({
      provider: providerOf(llmName, options),
      store: sqliteStore({ path: cacheFile(cacheDir, cacheFilename, llmName) }),
      params,
      logger,
      ...given({ floats }),
    });
  }

  /** As the Python class makes one of an experiment's configuration: no seed, and a temperature that is an int, also in the keys. */
  static fromExperimentConfig(config: ExperimentConfig): CacheOpenAI {
    const { save_dir, llm_name, llm_base_url, num_gen_choices, seed = null, temperature, use_azure } = config;
    checkDirectory("CacheOpenAI.fromExperimentConfig", "save_dir", save_dir);
    return new CacheOpenAI({
      cacheDir: join(save_dir, "llm_cache"),
      seed,
      floats: () => false,
      ...given({
        llmName: llm_name,
        llmBaseUrl: llm_base_url ?? undefined,
        numGenChoices: num_gen_choices,
        temperature,
        useAzure: use_azure,
      }),
    });
  }

  /** See `Client.infer`. */
  infer(messages: readonly MessageInput[], params?: CallParams, options?: InferOptions): Promise<InferResult> {
    return this.#client.infer(messages, params, options);
  }

  /** See `Client.batchInfer`. */
  batchInfer(
    batch: ReadonlyArray<readonly MessageInput[]>,
    params?: CallParams,
    options?: BatchOptions,
  ): Promise<Array<InferResult | InferFailure>> {
    return this.#client.batchInfer(batch, params, options);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const KNOWN = {
  cacheDir: true,
  cacheFilename: true,
  llmName: true,
  apiKey: true,
  llmBaseUrl: true,
  numGenChoices: true,
  seed: true,
  temperature: true,
  floats: true,
  useAzure: true,
  logger: true,
} as const satisfies Record<keyof CacheOpenAIOptions, true>;

const STANDARD_ERROR: Logger = {
  debug() {},
  warn: (message, details) => console.warn(message, details),
  error: (message, details) => console.error(message, details),
};

/** The keys are Python's, which know nothing of servers: hence no scope. */
function providerOf(model: string, { apiKey, llmBaseUrl, useAzure = false }: CacheOpenAIOptions): LLMProvider {
  if (!useAzure) return providerFor(model, { ...given({ apiKey, baseURL: llmBaseUrl }), scope: false });
  const { azureProvider } = adapter("@remem/azure", "`useAzure`");
  return azureProvider({ ...given({ apiKey, endpoint: llmBaseUrl }), scope: false });
}

function baseUrlOf({ llmBaseUrl, useAzure = false }: CacheOpenAIOptions): string {
  return llmBaseUrl ?? (useAzure ? process.env.AZURE_OPENAI_ENDPOINT : process.env.OPENAI_BASE_URL) ?? "";
}

function checkDirectory(where: string, option: string, directory: unknown): asserts directory is string {
  if (typeof directory === "string" && directory !== "") return;
  throw new RememError("INVALID_OPTION", `${where}: \`${option}\` must name a directory.`);
}
