import { statSync } from "node:fs";
import { extname, join } from "node:path";
import { type CacheStore, memoryStore, RememError } from "@remem/core";
import { checkOptions } from "@remem/core/plugin";
import { sqliteStore } from "@remem/sqlite";
import { adapter } from "./adapter.ts";
import { cacheFile, DEFAULT_CACHE_FILENAME } from "./cache-path.ts";
import { openConfig } from "./config/open.ts";
import { resolveOptions } from "./config/resolve.ts";
import { KEYV_SCHEMES } from "./keyv-schemes.ts";
import { isAddress, withoutSlashes } from "./sqlite-url.ts";

export const DEFAULT_DIRECTORY = "./llm_cache";

/** The options of `storeFromUrl` and `storeFileFromUrl`. */
export interface StoreFromUrlOptions {
  /** The model whose file is used if the store is a directory. */
  readonly model?: string | undefined;
  /** The configuration file that names the store if there is no URL, or `false` for none: see `createRemem`. */
  readonly config?: string | false | undefined;
}

const KNOWN = { model: true, config: true } as const satisfies Record<keyof StoreFromUrlOptions, true>;

/**
 * Opens the store that a URL names: `memory:`; `sqlite:` with the path of a file or of its directory (`sqlite:./llm_cache`,
 * `sqlite:/var/cache/answers.sqlite`); `redis://host:port/database`, or `rediss:` for TLS, through `@remem/redis`; a database
 * that Keyv has an adapter for (`postgres:`, `mysql:`, `mongodb:`, `valkey:`, `memcache:`, `keyv+redis:`, `keyv+sqlite:`), through
 * `@remem/keyv`. By default the one that `REMEM_STORE` names, else that of the configuration file, else `sqlite:./llm_cache`.
 *
 * A path that does not exist is a file if it has an extension, else a directory. The file in a directory is that of `model`, as
 * in `createRemem`, or `remem_cache.sqlite` without a model.
 * @throws {RememError} with code `INVALID_OPTION`, or `MISSING_PACKAGE` if the adapter is not installed
 */
export function storeFromUrl(url?: string, options: StoreFromUrlOptions = {}): CacheStore {
  checkOptions("storeFromUrl", options, KNOWN);
  return storeAt(url ?? usualUrl("storeFromUrl", options), fileOf(options.model));
}

/** The file of an SQLite store. */
export interface StoreFile {
  /** Its path, as the URL has it. */
  readonly path: string;
  /** Whether the URL names the directory of the file. */
  readonly isInDirectory: boolean;
}

/**
 * Returns the file that `storeFromUrl` would open, and opens nothing. Undefined for a store that is not a file.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function storeFileFromUrl(url?: string, options: StoreFromUrlOptions = {}): StoreFile | undefined {
  checkOptions("storeFileFromUrl", options, KNOWN);
  const [scheme, rest] = partsOf(url ?? usualUrl("storeFileFromUrl", options));
  if (scheme !== "sqlite" || rest === "" || isAddress(rest)) return undefined;
  const given = withoutSlashes(rest);
  return { path: pathOf(rest, fileOf(options.model)), isInDirectory: isDirectory(given) };
}

function usualUrl(where: string, { config }: StoreFromUrlOptions): string {
  const variable = defaultUrl();
  if (variable !== undefined) return variable;
  const { store, cacheDir = DEFAULT_DIRECTORY } = resolveOptions({}, openConfig(where, config), "store").options;
  return typeof store === "string" ? store : `sqlite:${cacheDir}/`;
}

function fileOf(model: string | undefined): (directory: string) => string {
  return (directory) =>
    model === undefined ? join(directory, "remem_cache.sqlite") : cacheFile(directory, DEFAULT_CACHE_FILENAME, model);
}

/** The store that the environment names, if any. */
export const defaultUrl = (): string | undefined => process.env.REMEM_STORE || undefined;

/** Opens the store at a URL. `fileIn` chooses the file in a directory. */
export function storeAt(url: string, fileIn: (directory: string) => string): CacheStore {
  const [scheme, rest] = partsOf(url);
  if (Object.hasOwn(KEYV_SCHEMES, scheme)) {
    return adapter("@remem/keyv", `A store at ${scheme}:`, KEYV_SCHEMES[scheme]).keyvStoreFromUrl(url);
  }
  switch (scheme) {
    case "memory":
      if (rest === "") return memoryStore();
      break;
    case "sqlite":
      if (isAddress(rest))
        throw invalid("sqlite: takes the path of a file or of a directory, not the address of a server.");
      if (rest !== "") return sqliteStore({ path: pathOf(rest, fileIn) });
      break;
    case "redis":
    case "rediss":
      return adapter("@remem/redis", `A store at ${scheme}:`).redisStore({ url });
  }
  // Only the scheme is repeated: the rest may contain a password.
  const given = scheme === "" ? "this is not a URL" : `this is a ${scheme}: URL`;
  const others = Object.keys(KEYV_SCHEMES).map((scheme) => `${scheme}:`);
  throw invalid(
    `The URL of a store is memory:, sqlite:<path>, redis://<host> or rediss://<host>; ${given}. Through Keyv there are also ${others.join(", ")}.`,
  );
}

function partsOf(url: string): [scheme: string, rest: string] {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  return [scheme.toLowerCase(), rest];
}

const invalid = (problem: string): RememError => new RememError("INVALID_OPTION", problem);

function pathOf(rest: string, fileIn: (directory: string) => string): string {
  const path = withoutSlashes(rest);
  return isDirectory(path) ? fileIn(path) : path;
}

function isDirectory(path: string): boolean {
  if (path === ":memory:") return false; // sqliteStore says what to use instead.
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? (/[/\\]$/.test(path) || extname(path) === "");
}
