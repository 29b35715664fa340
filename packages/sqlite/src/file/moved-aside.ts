import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Why files were moved aside. It becomes part of their new name. */
export type MoveReason = "corrupt" | "replaced";

/** The file itself is moved last: a new one created in its place must not find journals of the old one. */
export const SUFFIXES = ["-wal", "-shm", "-journal", ""] as const;
export type Suffix = (typeof SUFFIXES)[number];

/** The number of files to keep whose name ends with the time. */
const KEPT_COUNT = 2;
/** Files that may hold more than our entries have an ending after the time and are never deleted. */
const TIMESTAMP = /^(\d{8}T\d{9})(?:-wal|-shm|-journal)?$/;

/**
 * Renames `<file>-wal` and the others to `<file>.<reason>-<time><ending>-wal`. Returns the new name without the suffix.
 */
export function moveAside(
  path: string,
  reason: MoveReason,
  { suffixes = SUFFIXES, ending = "" }: MoveOptions = {},
): string {
  const target = freeName(`${path}.${reason}-`, ending);
  for (const suffix of suffixes) if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  removeOldest(`${path}.${reason}-`);
  return target;
}

interface MoveOptions {
  readonly suffixes?: readonly Suffix[];
  readonly ending?: string;
}

function freeName(start: string, ending: string): string {
  for (let now = Date.now(); ; now++) {
    const name = `${start}${new Date(now).toISOString().replace(/[-:.Z]/g, "")}${ending}`;
    if (SUFFIXES.every((suffix) => !existsSync(name + suffix))) return name;
  }
}

function removeOldest(start: string): void {
  const names = readdirSync(dirname(start)).filter((name) => name.startsWith(basename(start)));
  const times = new Set(names.flatMap((name) => TIMESTAMP.exec(name.slice(basename(start).length))?.[1] ?? []));
  for (const time of [...times].toSorted().slice(0, -KEPT_COUNT)) {
    for (const suffix of SUFFIXES) rmSync(start + time + suffix, { force: true });
  }
}
