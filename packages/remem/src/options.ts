import type { CacheStore, CallParams, ClientOptions, Journal, LLMProvider } from "@remem/core";
import type { ProviderName } from "./provider-for.ts";

/** The options of `createRemem`, and those of `createClient`. */
export interface RememOptions extends Partial<Omit<ClientOptions, "provider" | "store" | "params" | "journal">> {
  /** `"gpt-4o-mini"` by default. */
  readonly model?: string | undefined;
  /** Further parameters of every request. None by default. */
  readonly params?: CallParams | undefined;
  /**
   * A provider or its name. By default OpenAI, or the OpenAI-compatible server at `baseURL`; for models `Qwen/Qwen3-*` the provider
   * of `@remem/qwen`.
   */
  readonly provider?: LLMProvider | ProviderName | undefined;
  /** A store or its URL (see `storeFromUrl`). By default the one that `REMEM_STORE` names, else an SQLite file in `cacheDir`. */
  readonly store?: CacheStore | string | undefined;
  /** The directory of the SQLite file: `"./llm_cache"` by default. */
  readonly cacheDir?: string | undefined;
  /** The SQLite file's name: `"{model}_cache.sqlite"` by default. */
  readonly cacheFilename?: string | undefined;
  /**
   * Records each call in a file, without prompts and answers: its path, or true for `remem-journal.jsonl` in `cacheDir`
   * (`"./llm_cache"`). Or a journal of your own. By default the file that `REMEM_JOURNAL` names, if any; false for none.
   */
  readonly journal?: boolean | string | Journal | undefined;
  /** `OPENAI_API_KEY` by default. Needed for the first request that is sent, not for hits. */
  readonly apiKey?: string | undefined;
  /** `OPENAI_BASE_URL` by default, else OpenAI's own endpoint. For Azure its endpoint, `AZURE_OPENAI_ENDPOINT` by default. */
  readonly baseURL?: string | undefined;
  /** Distinguishes equally named models of different servers in the key. The server by default; `false` for none. */
  readonly scope?: string | false | undefined;
  /** The timeout of one attempt in milliseconds, up to the last byte of its answer. 60,000 by default, 600,000 if Qwen3 thinks. */
  readonly timeoutMs?: number | undefined;
  /** The number of retries after connection errors, timeouts, 408, 409, 429 and 5xx. 5 by default. */
  readonly maxRetries?: number | undefined;
  /**
   * A configuration file, or `false` for none. By default the one that `REMEM_CONFIG` names, else `remem.config.json`, `.yaml` or
   * `.yml` in the working directory, or above it as far as the root of its repository. Options take precedence over variables, and
   * variables over the file.
   */
  readonly config?: string | false | undefined;
}
