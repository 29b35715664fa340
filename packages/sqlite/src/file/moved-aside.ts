import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Why files were moved out of the way, as the name says that they have then. */
export type MoveReason = "corrupt" | "replaced";

/** The file itself is the last to go: a new one that is made in its place must not find journals of the old one. */
export const SUFFIXES = ["-wal", "-shm", "-journal", ""] as const;
export type Suffix = (typeof SUFFIXES)[number];

/** How many are kept of those whose name has no ending behind the time. */
const KEPT_COUNT = 2;
/** What may hold more than entries of ours has an ending, and is never deleted. */
const TIMESTAMP = /^(\d{8}T\d{9})(?:-wal|-shm|-journal)?$/;

/** Gives `<file>-wal` and the like the name `<file>.<reason>-<time><ending>-wal`; which one that is, without the suffix. */
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
