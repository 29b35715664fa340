import { dirname, resolve } from "node:path";
import { RememError } from "@remem/core";
import { isAddress, withoutSlashes } from "../sqlite-url.ts";
import type { ConfigFile } from "./config.ts";

/**
 * Replaces each `${NAME}` in a text of the file by the variable NAME.
 * @throws {RememError} with code `INVALID_OPTION` where it is not set
 */
export function expanded(text: string, member: string, file: ConfigFile): string {
  const line = file.lines.get(member);
  const fail = (problem: string): never => {
    const place = line === undefined ? file.path : `${file.path}:${line}`;
    throw new RememError("INVALID_OPTION", `${place}: \`${member}\` ${problem}.`);
  };
  return text.replace(/\$\{([^}]*)(\}?)/g, (_, name: string, end: string) => {
    if (end === "" || !/^[A-Za-z_]\w*$/.test(name)) return fail(`may only name variables as \${NAME}`);
    return process.env[name] || fail(`needs the variable ${name}, which is not set`);
  });
}

/** A path is relative to the directory of the file. Addresses stay as they are. */
export function placedStore(url: string, file: ConfigFile): string {
  const [, scheme, rest = ""] = /^((?:keyv\+)?sqlite:)(.+)$/is.exec(url) ?? [];
  if (scheme === undefined || rest === ":memory:" || isAddress(rest)) return url;
  const path = withoutSlashes(rest);
  // A path that ends with a slash is that of a directory.
  return `${scheme}${placedDirectory(path, file)}${/[/\\]$/.test(path) ? "/" : ""}`;
}

export const placedDirectory = (path: string, file: ConfigFile): string => resolve(dirname(file.path), path);
