import { type CacheStore, type Client, type LLMProvider, RememError } from "@remem/core";
import { checkCount, checkOptions, createClientFor } from "@remem/core/plugin";
import { sqliteStore } from "@remem/sqlite";
import { cacheFile, DEFAULT_CACHE_FILENAME } from "./cache-path.ts";
import { openConfig } from "./config/open.ts";
import { resolveOptions } from "./config/resolve.ts";
import { journalFor } from "./journal-for.ts";
import { withOptionNames } from "./option-names.ts";
import type { RememOptions } from "./options.ts";
import { namedProvider, type ProviderName, providerFor } from "./provider-for.ts";
import { DEFAULT_DIRECTORY, defaultUrl, storeAt } from "./store-from-url.ts";

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
  config: true,
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
  onCall: true,
  journal: true,
} as const satisfies Record<keyof RememOptions, true>;

/** Creates a client for OpenAI with an SQLite file, unless options, variables or a configuration file name others. */
export function createRemem(given: RememOptions = {}): Client {
  checkOptions("createRemem", given, KNOWN);
  if (typeof given.provider === "object") exclude(given, "provider", PROVIDER_OPTIONS);
  exclude(given, "store", ["cacheDir", "cacheFilename"]);
  if (given.model !== undefined && given.params?.model !== undefined) throw excluded("params.model", "model");
  const { options } = resolveOptions(given, openConfig("createRemem", given.config));
  const { model, params, provider, store, cacheDir, cacheFilename, journal, config: _, ...others } = options;
  const { apiKey, baseURL, scope, timeoutMs, maxRetries, ...rest } = others;
  checkCount("createRemem", "timeoutMs", timeoutMs);
  checkCount("createRemem", "maxRetries", maxRetries, 0);
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

/** Refuses options that exclude each other: one would be ignored. */
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
