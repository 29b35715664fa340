import { dirname, resolve } from "node:path";
import { RememError } from "@remem/core";
import { isAddress, withoutSlashes } from "../sqlite-url.ts";
import type { ConfigFile } from "./config.ts";

/**
 * Replaces each `${NAME}` by the value of the environment variable NAME.
 * @throws {RememError} with code `INVALID_OPTION` if it is not set
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

/** Resolves the path of an SQLite file against the directory of the configuration file. */
export function placedStore(url: string, file: ConfigFile): string {
  const [, scheme, rest = ""] = /^((?:keyv\+)?sqlite:)(.+)$/is.exec(url) ?? [];
  if (scheme === undefined || rest === ":memory:" || isAddress(rest)) return url;
  const path = withoutSlashes(rest);
  // A trailing slash marks a directory.
  return `${scheme}${placedPath(path, file)}${/[/\\]$/.test(path) ? "/" : ""}`;
}

export const placedPath = (path: string, file: ConfigFile): string => resolve(dirname(file.path), path);
