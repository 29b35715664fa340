import { statSync } from "node:fs";
import { extname, join } from "node:path";
import { type CacheStore, memoryStore, RememError } from "@remem/core";
import { checkOptions } from "@remem/core/plugin";
import { sqliteStore } from "@remem/sqlite";
import { adapter } from "./adapter.ts";
import { cacheFile, DEFAULT_CACHE_FILENAME } from "./cache-file.ts";

export const DEFAULT_DIRECTORY = "./llm_cache";

/**
 * The store that a URL names: `memory:`; `sqlite:` and the path of a file or of a directory for one
 * (`sqlite:./llm_cache`, `sqlite:/var/cache/answers.sqlite`); `redis://host:port/database`, or `rediss:` for TLS, by
 * `@remem/redis`. By default the one that `REMEM_STORE` names, else `sqlite:./llm_cache`.
 *
 * A path that exists is taken for what it is; of the rest, one with an extension is a file. In a directory the file is
 * that of `model`, as `createRemem` has it, or `remem_cache.sqlite` for all.
 * @throws {RememError} with code `INVALID_OPTION`, or `MISSING_PACKAGE` where the adapter is not installed
 */
export function storeFromUrl(url?: string, options: { readonly model?: string } = {}): CacheStore {
  checkOptions("storeFromUrl", options, { model: true });
  const { model } = options;
  return storeAt(url ?? defaultUrl() ?? `sqlite:${DEFAULT_DIRECTORY}/`, (directory) =>
    model === undefined ? join(directory, "remem_cache.sqlite") : cacheFile(directory, DEFAULT_CACHE_FILENAME, model),
  );
}

/** What the environment says. */
export const defaultUrl = (): string | undefined => process.env.REMEM_STORE || undefined;

/** `storeFromUrl`, with the file to use in a directory. */
export function storeAt(url: string, fileIn: (directory: string) => string): CacheStore {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  switch (scheme.toLowerCase()) {
    case "memory":
      if (rest === "") return memoryStore();
      break;
    case "sqlite":
      if (isAddress(rest)) throw invalid("sqlite: takes the path of a file or of a directory; this is an address.");
      if (rest !== "") return sqliteStore({ path: pathOf(rest, fileIn) });
      break;
    case "redis":
    case "rediss":
      return adapter("@remem/redis", `A store at ${scheme}:`).redisStore({ url });
  }
  // Of the URL nothing but its scheme: others hold passwords.
  const given = scheme === "" ? "no URL" : `a URL of ${scheme}:`;
  throw invalid(`A store is named by memory:, sqlite:<path>, redis://<host> or rediss://<host>; this is ${given}.`);
}

const invalid = (problem: string): RememError => new RememError("INVALID_OPTION", problem);

/** Of a server, perhaps with a password in it, which must not become the name of a file. */
function isAddress(path: string): boolean {
  return /^\/\/[^/]*@/.test(path) || /^[a-z][a-z0-9+.-]+:.*@/is.test(path);
}

function pathOf(rest: string, fileIn: (directory: string) => string): string {
  const path = rest.replace(/^\/\/(?=\/)/, ""); // sqlite:///absolute, as other tools write it
  return isDirectory(path) ? fileIn(path) : path;
}

function isDirectory(path: string): boolean {
  if (path === ":memory:") return false; // sqliteStore says what to use instead.
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? (/[/\\]$/.test(path) || extname(path) === "");
}
