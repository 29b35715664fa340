import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename, join, parse } from "node:path";

export const DEFAULT_CACHE_FILENAME = "{model}_cache.sqlite";

const MAX_LENGTH = 100;
const HARMLESS = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/**
 * The path of a cache file, always inside its directory: a model name is untrusted text. `/` becomes `_`, as in REMem, whose
 * files are found by this name. If the result has other characters than `[a-zA-Z0-9._-]`, a leading dot or more than 100
 * characters, those become `_` or are cut off, and a part of the name's hash keeps such names apart.
 */
export function cacheFile(directory: string, template: string, model: string): string {
  const name = template.replaceAll("{model}", model).replaceAll("/", "_");
  const isSafe = (HARMLESS.test(name) && name.length <= MAX_LENGTH) || isExistingFile(directory, name);
  return join(directory, isSafe ? name : harmless(name));
}

function isExistingFile(directory: string, name: string): boolean {
  return name === basename(name) && !/^\.|[\0\\:]/.test(name) && existsSync(join(directory, name));
}

function harmless(name: string): string {
  const { name: stem, ext } = parse(name);
  const end = `_${hash("sha256", name).slice(0, 8)}${clean(ext).slice(0, 20)}`;
  return (
    clean(stem)
      .replace(/^\.+/, "_")
      .slice(0, MAX_LENGTH - end.length) + end
  );
}

function clean(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, "_");
}
