import { statSync } from "node:fs";
import { extname, join } from "node:path";
import { type CacheStore, memoryStore, RememError } from "@remem/core";
import { sqliteStore } from "@remem/sqlite";

/**
 * The store that a URL names: `memory:`, or `sqlite:` and the path of a file or of a directory for one
 * (`sqlite:./llm_cache`, `sqlite:/var/cache/answers.sqlite`). What exists is taken for what it is; of the rest, a path
 * with an extension is a file.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function storeFromUrl(url: string): CacheStore {
  return storeAt(url, (directory) => join(directory, "remem_cache.sqlite"));
}

/** `storeFromUrl`, with the file to use in a directory. */
export function storeAt(url: string, fileIn: (directory: string) => string): CacheStore {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [];
  if (scheme?.toLowerCase() === "memory" && rest === "") return memoryStore();
  if (scheme?.toLowerCase() === "sqlite" && rest !== undefined && rest !== "") {
    const path = rest.replace(/^\/\/(?=\/)/, ""); // sqlite:///absolute, as other tools write it
    return sqliteStore({ path: isDirectory(path) ? fileIn(path) : path });
  }
  // Of the URL nothing but its scheme: others hold passwords.
  const given = scheme === undefined ? "no URL" : `a URL of ${scheme}:`;
  throw new RememError("INVALID_OPTION", `A store is named by memory: or sqlite:<path>; this is ${given}.`);
}

function isDirectory(path: string): boolean {
  if (path === ":memory:") return false; // sqliteStore says what to use instead.
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? (/[/\\]$/.test(path) || extname(path) === "");
}
