import { join } from "node:path";
import {
  type BatchOptions,
  type CallParams,
  type ChatParams,
  type Client,
  type InferFailure,
  type InferOptions,
  type InferResult,
  type Journal,
  type LLMProvider,
  type Logger,
  type MessageInput,
  RememError,
} from "@remem/core";
import { checkOptions, createClientFor } from "@remem/core/plugin";
import { sqliteStore } from "@remem/sqlite";
import { cacheFile, DEFAULT_CACHE_FILENAME } from "./cache-path.ts";
import { journalFor } from "./journal-for.ts";
import { withOptionNames } from "./option-names.ts";
import { namedProvider, providerFor } from "./provider-for.ts";

/** The options of `CacheOpenAI`. */
export interface CacheOpenAIOptions {
  /** The directory of the SQLite file. Created if it does not exist. */
  readonly cacheDir: string;
  /** `"{llmName}_cache.sqlite"` by default, with `_` for `/`. A file of the Python class is used in place: its rows are hits. */
  readonly cacheFilename?: string | undefined;
  /** `"gpt-4o-mini"` by default. */
  readonly llmName?: string | undefined;
  /** `OPENAI_API_KEY` by default; with `useAzure`, `AZURE_OPENAI_API_KEY`. Needed for the first request that is sent, not for hits. */
  readonly apiKey?: string | undefined;
  /** `OPENAI_BASE_URL` by default, else OpenAI's own endpoint. With `useAzure`, the Azure endpoint: `AZURE_OPENAI_ENDPOINT` by default. */
  readonly llmBaseUrl?: string | undefined;
  /** Sent as `n`: 1 by default. `response` is the text of the first choice. */
  readonly numGenChoices?: number | undefined;
  /** 0 by default; null sends null. */
  readonly seed?: number | null | undefined;
  /** 0 by default. Some newer models accept only their own default: pass it to them. */
  readonly temperature?: number | undefined;
  /**
   * Which integral numbers of a request were floats in Python, by JSON Pointer: `0` and `0.0` have different keys there.
   * Only `/temperature` by default.
   */
  readonly floats?: ((pointer: string) => boolean) | undefined;
  /** Uses Azure OpenAI, through `@remem/azure`. False by default. */
  readonly useAzure?: boolean | undefined;
  /** The timeout of one attempt in milliseconds. 60,000 by default, 600,000 if Qwen3 thinks. */
  readonly timeoutMs?: number | undefined;
  /** The number of retries. 5 by default. */
  readonly maxRetries?: number | undefined;
  /** By default warnings and errors are written to standard error. */
  readonly logger?: Logger | undefined;
  /** See `createRemem`: true for `remem-journal.jsonl` in `cacheDir`. By default the file that `REMEM_JOURNAL` names, if any. */
  readonly journal?: boolean | string | Journal | undefined;
}

/** The configuration of an experiment, with Python's names. Other members are ignored. */
export interface ExperimentConfig {
  /** The cache is in its subdirectory `llm_cache`. */
  readonly save_dir: string;
  /** `"gpt-4o-mini"` by default. */
  readonly llm_name?: string | undefined;
  /** The provider's own endpoint by default. */
  readonly llm_base_url?: string | null | undefined;
  /** Sent as `n`: 1 by default. */
  readonly num_gen_choices?: number | undefined;
  /** None by default. */
  readonly seed?: number | null | undefined;
  /** The int 0 by default. */
  readonly temperature?: number | undefined;
  /** Uses Azure OpenAI. False by default. */
  readonly use_azure?: boolean | undefined;
  readonly [name: string]: unknown;
}

/**
 * REMem's Python class, option by option: an SQLite file in front of OpenAI, Azure OpenAI or Qwen3. It sends `n`, `seed` and
 * `temperature` as the Python class does, and has the same keys. These do not contain the server, so the user must give every
 * endpoint a cache directory of its own. Unlike the Python class it throws a typed error when a call fails, and `params` are
 * sent and are part of the key.
 */
export class CacheOpenAI implements AsyncDisposable {
  /** The model, the server and the parameters of every request. */
  readonly config: {
    readonly llm_name: string;
    /** "" for the provider's own default. */
    readonly llm_base_url: string;
    readonly generate_params: ChatParams;
  };
  readonly #client: Client;

  constructor(options: CacheOpenAIOptions) {
    checkOptions("CacheOpenAI", options, KNOWN);
    const { cacheDir, cacheFilename = DEFAULT_CACHE_FILENAME, llmName = "gpt-4o-mini" } = options;
    const { numGenChoices: n = 1, seed = 0, temperature = 0, floats, logger = STANDARD_ERROR, journal } = options;
    checkDirectory("CacheOpenAI", "cacheDir", cacheDir);
    const params = { model: llmName, n, seed, temperature };
    this.config = { llm_name: llmName, llm_base_url: baseUrlOf(options), generate_params: params };
    this.#client = createClientFor("CacheOpenAI", {
      provider: withOptionNames(PYTHON_NAMES, () => providerOf(llmName, options)),
      store: sqliteStore({ path: cacheFile(cacheDir, cacheFilename, llmName) }),
      params,
      logger,
      floats,
      journal: journalFor("CacheOpenAI", journal, cacheDir),
    });
  }

  /** Creates a client from an experiment's configuration, as in Python: without a seed, and with a temperature that is keyed as an int. */
  static fromExperimentConfig(config: ExperimentConfig): CacheOpenAI {
    const { save_dir, llm_name, llm_base_url, num_gen_choices, seed = null, temperature, use_azure } = config;
    checkDirectory("CacheOpenAI.fromExperimentConfig", "save_dir", save_dir);
    return new CacheOpenAI({
      cacheDir: join(save_dir, "llm_cache"),
      seed,
      floats: () => false,
      llmName: llm_name,
      llmBaseUrl: llm_base_url ?? undefined,
      numGenChoices: num_gen_choices,
      temperature,
      useAzure: use_azure,
    });
  }

  /** See `Client.infer`. */
  infer<Output = unknown>(
    messages: readonly MessageInput[],
    params?: CallParams,
    options?: InferOptions<Output>,
  ): Promise<InferResult<Output>> {
    return this.#client.infer(messages, params, options);
  }

  /** See `Client.batchInfer`. */
  batchInfer<Output = unknown>(
    batch: ReadonlyArray<readonly MessageInput[]>,
    params?: CallParams,
    options?: BatchOptions<Output>,
  ): Promise<Array<InferResult<Output> | InferFailure>> {
    return this.#client.batchInfer(batch, params, options);
  }

  /** See `Client.close`. */
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
  timeoutMs: true,
  maxRetries: true,
  logger: true,
  journal: true,
} as const satisfies Record<keyof CacheOpenAIOptions, true>;

const STANDARD_ERROR: Logger = {
  debug() {},
  warn: (message, details) => console.warn(message, details),
  error: (message, details) => console.error(message, details),
};

const PYTHON_NAMES = { where: "CacheOpenAI", baseURL: "llmBaseUrl", model: "llmName" } as const;

/** Without a scope, because Python's keys do not contain the server. */
function providerOf(model: string, options: CacheOpenAIOptions): LLMProvider {
  const { apiKey, llmBaseUrl, useAzure = false, timeoutMs, maxRetries } = options;
  const common = { apiKey, timeoutMs, maxRetries, scope: false } as const;
  if (!useAzure) return providerFor("CacheOpenAI", model, { ...common, baseURL: llmBaseUrl });
  return namedProvider("CacheOpenAI", "azure", "`useAzure`", { ...common, baseURL: llmBaseUrl });
}

function baseUrlOf({ llmBaseUrl, useAzure = false }: CacheOpenAIOptions): string {
  return llmBaseUrl ?? (useAzure ? process.env.AZURE_OPENAI_ENDPOINT : process.env.OPENAI_BASE_URL) ?? "";
}

function checkDirectory(where: string, option: string, directory: unknown): asserts directory is string {
  if (typeof directory === "string" && directory !== "") return;
  throw new RememError("INVALID_OPTION", `${where}: \`${option}\` must name a directory.`);
}
