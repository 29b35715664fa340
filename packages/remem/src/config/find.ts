import { existsSync, lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import { RememError } from "@remem/core";

const NAMES = ["remem.config.json", "remem.config.yaml", "remem.config.yml"] as const;

/** The result of the search for a configuration file. */
export interface ConfigSearch {
  /** The path of the file; undefined if there is none. */
  readonly path: string | undefined;
  /** The searched directories, the nearest first. */
  readonly directories: readonly string[];
}

/**
 * Searches a directory, by default the working directory, and its parents up to the root of the git repository. Outside of a
 * repository it searches the directory alone: another user's file in a parent such as /tmp must not decide where API keys are sent.
 * @throws {RememError} with code `INVALID_OPTION` if a directory has two such files
 */
export function findConfig(start: string | undefined = workingDirectory()): ConfigSearch {
  const directories = start === undefined ? [] : searched(start);
  for (const directory of directories) {
    const [path, other] = NAMES.map((name) => join(directory, name)).filter(isThere);
    if (other !== undefined) {
      throw new RememError(
        "INVALID_OPTION",
        `There are two configuration files, ${path} and ${other}. Delete one of them.`,
      );
    }
    if (path !== undefined) return { path, directories };
  }
  return { path: undefined, directories };
}

function searched(start: string): string[] {
  const directories: string[] = [];
  for (let directory = start; ; directory = dirname(directory)) {
    directories.push(directory);
    if (existsSync(join(directory, ".git"))) return directories;
    if (dirname(directory) === directory) return [start];
  }
}

/** True for a dangling link, too, which must not be ignored silently. False without permission to look. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Undefined if the directory was removed. */
function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
