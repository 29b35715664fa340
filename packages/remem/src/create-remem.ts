import {
  type CacheStore,
  type CallParams,
  type Client,
  type ClientOptions,
  type Journal,
  type LLMProvider,
  RememError,
} from "@remem/core";
import { checkCount, checkOptions, createClientFor } from "@remem/core/plugin";
import { sqliteStore } from "@remem/sqlite";
import { cacheFile, DEFAULT_CACHE_FILENAME } from "./cache-path.ts";
import { journalFor } from "./journal-for.ts";
import { withOptionNames } from "./option-names.ts";
import { namedProvider, type ProviderName, providerFor } from "./provider-for.ts";
import { DEFAULT_DIRECTORY, defaultUrl, storeAt } from "./store-from-url.ts";

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
  /**
   * Records each call in a file, without prompts and answers: its path, or true for `remem-journal.jsonl` in `cacheDir`
   * (`"./llm_cache"`). Or a journal of your own. By default the file that `REMEM_JOURNAL` names, if any; false for none.
   */
  readonly journal?: boolean | string | Journal | undefined;
  /** The SQLite file's name: `"{model}_cache.sqlite"` by default. */
  readonly cacheFilename?: string | undefined;
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
}

const KNOWN = {
  model: true,
  params: true,
  provider: true,
  store: true,
  cacheDir: true,
  cacheFilename: true,
  apiKey: true,
  baseURL: true,
  scope: true,
  timeoutMs: true,
  maxRetries: true,
  ttlMs: true,
  cache: true,
  admit: true,
  onStoreError: true,
  storeTimeoutMs: true,
  limits: true,
  maxRequestBytes: true,
  maxEntryBytes: true,
  floats: true,
  storeRequest: true,
  onEvent: true,
  logger: true,
  journal: true,
} as const satisfies Record<keyof RememOptions, true>;

/** Creates a client for OpenAI with an SQLite file, unless the options or the environment name others. */
export function createRemem(options: RememOptions = {}): Client {
  checkOptions("createRemem", options, KNOWN);
  const { model, params, provider, store, cacheDir, cacheFilename, journal, ...others } = options;
  const { apiKey, baseURL, scope, timeoutMs, maxRetries, ...rest } = others;
  if (typeof provider === "object") exclude(options, "provider", PROVIDER_OPTIONS);
  checkCount("createRemem", "timeoutMs", timeoutMs);
  checkCount("createRemem", "maxRetries", maxRetries, 0);
  exclude(options, "store", ["cacheDir", "cacheFilename"]);
  if (model !== undefined && params?.model !== undefined) throw excluded("params.model", "model");
  const chosen = { ...params, model: model ?? params?.model ?? "gpt-4o-mini" };
  return createClientFor("createRemem", {
    ...rest,
    params: chosen,
    provider: openProvider(chosen.model, provider, { apiKey, baseURL, scope, timeoutMs, maxRetries }),
    store: typeof store === "object" ? store : openStore(chosen.model, { store, cacheDir, cacheFilename }),
    journal: journalFor("createRemem", journal, cacheDir),
  });
}

const PROVIDER_OPTIONS = ["apiKey", "baseURL", "scope", "timeoutMs", "maxRetries"] as const;

function openProvider(
  model: string,
  provider: LLMProvider | ProviderName | undefined,
  options: Pick<RememOptions, (typeof PROVIDER_OPTIONS)[number]>,
): LLMProvider {
  if (provider === undefined) return providerFor("createRemem", model, options);
  if (typeof provider !== "string") return provider;
  return withOptionNames({ where: "createRemem", baseURL: "baseURL", model: "model" }, () =>
    namedProvider("createRemem", provider, `The provider "${provider}"`, options),
  );
}

interface StoreOptions {
  readonly store: string | undefined;
  readonly cacheDir: string | undefined;
  readonly cacheFilename: string | undefined;
}

function openStore(model: string, options: StoreOptions): CacheStore {
  const { store = defaultUrl(), cacheDir = DEFAULT_DIRECTORY, cacheFilename } = options;
  const fileIn = (directory: string): string => cacheFile(directory, cacheFilename ?? DEFAULT_CACHE_FILENAME, model);
  return store === undefined ? sqliteStore({ path: fileIn(cacheDir) }) : storeAt(store, fileIn);
}

/** Refuses options of which one would be ignored. */
function exclude(options: RememOptions, name: keyof RememOptions, others: ReadonlyArray<keyof RememOptions>): void {
  if (options[name] === undefined) return;
  const other = others.find((other) => options[other] !== undefined);
  if (other === undefined) return;
  throw excluded(other, name);
}

function excluded(other: string, name: string): RememError {
  return new RememError(
    "INVALID_OPTION",
    `createRemem: \`${other}\` cannot be combined with \`${name}\`. Give one of them.`,
  );
}
