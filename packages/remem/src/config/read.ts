import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname, extname } from "node:path";
import { RememError } from "@remem/core";
import { messageOf } from "@remem/core/plugin";
import { checkConfig } from "./check.ts";
import type { ConfigFile } from "./config.ts";
import { parseJson } from "./parse-json.ts";
import { parseYaml } from "./parse-yaml.ts";
import { memberPath, type Parser, type Problem } from "./parsed.ts";

const MAX_BYTES = 1024 * 1024;
/** The maximum number of problems that a message lists. */
const MOST = 20;

/**
 * Reads and checks a configuration file. `namedBy` is the option or variable that names it; undefined for a file that was found.
 * @throws {RememError} with code `INVALID_OPTION`; its message lists every problem of the file
 */
export function readConfig(path: string, namedBy?: string): ConfigFile {
  const parse = parserFor(path);
  const fail = (line: number | undefined, text: string): never => {
    throw invalid(path, [{ line, text }]);
  };
  const { value, lines, problems } = parse(textOf(path, namedBy), path, fail);
  const { config, findings } = checkConfig(value, path);
  const all = [...problems, ...findings.map(({ path, text }) => ({ line: lineOf(path, lines), text }))];
  if (all.length > 0) throw invalid(path, all);
  return { path, config, lines };
}

/** Returns the line of a member. A missing member has the line of its parent. */
function lineOf(path: readonly string[], lines: ReadonlyMap<string, number>): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(memberPath(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return undefined;
}

function parserFor(path: string): Parser {
  const extension = extname(path).toLowerCase();
  if (extension === ".json") return parseJson;
  if (extension === ".yaml" || extension === ".yml") return parseYaml;
  throw refused(path, "must end with .json, .yaml or .yml");
}

function textOf(path: string, namedBy: string | undefined): string {
  try {
    const status = statSync(path);
    if (!status.isFile()) throw refused(path, status.isDirectory() ? "is a directory" : "is not a regular file");
    if (status.size > MAX_BYTES) throw refused(path, `has ${status.size} bytes, and at most ${MAX_BYTES} are read`);
    if (namedBy === undefined) checkOwner(path, status);
    return decoded(path, readFileSync(path));
  } catch (cause) {
    if (RememError.is(cause)) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" && namedBy !== undefined) throw refused(path, `does not exist. ${namedBy} names it`, cause);
    throw refused(path, `cannot be read: ${messageOf(cause)}`, cause);
  }
}

/** In a directory that is writable for all, another user's file must not decide where API keys are sent. */
function checkOwner(path: string, { uid }: Stats): void {
  const own = process.geteuid?.();
  if (own === undefined || uid === own || uid === 0 || uid === statSync(dirname(path)).uid) return;
  throw refused(
    path,
    "belongs neither to you nor to the owner of its directory. To use it, name it with REMEM_CONFIG or `config`",
  );
}

function decoded(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refused(path, "is not valid UTF-8", cause);
  }
}

const refused = (path: string, problem: string, cause?: unknown): RememError =>
  new RememError("INVALID_OPTION", `The configuration file ${path} ${problem}.`, { cause });

function invalid(path: string, problems: readonly Problem[]): RememError {
  const sorted = [...problems].sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
  const [only, ...others] = sorted;
  if (others.length === 0) {
    return new RememError(
      "INVALID_OPTION",
      `${path}${only!.line === undefined ? "" : `:${only!.line}`}: ${only!.text}`,
    );
  }
  const shown = sorted
    .slice(0, MOST)
    .map(({ line, text }) => `\n  ${line === undefined ? "" : `line ${line}: `}${text}`);
  const rest = sorted.length > MOST ? `\n  and ${sorted.length - MOST} more` : "";
  return new RememError("INVALID_OPTION", `${path} has ${sorted.length} problems:${shown.join("")}${rest}`);
}
