import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Why files were moved out of the way, as the name says that they have then. */
export type Why = "corrupt" | "replaced";

/** The file itself is the last to go: a new one that is made in its place must not find journals of the old one. */
export const PARTS = ["-wal", "-shm", "-journal", ""] as const;
export type Part = (typeof PARTS)[number];

/** How many are kept of those whose name has no ending behind the time. */
const KEPT = 2;
/** What may hold more than entries of ours has an ending, and is never deleted. */
const TIME = /^(\d{8}T\d{9})(?:-wal|-shm|-journal)?$/;

/** Gives `<file>-wal` and the like the name `<file>.<why>-<time><ending>-wal`; which one that is, without the part. */
export function moveAside(path: string, why: Why, { parts = PARTS, ending = "" }: Choice = {}): string {
  const target = freeName(`${path}.${why}-`, ending);
  for (const part of parts) if (existsSync(path + part)) renameSync(path + part, target + part);
  removeOldest(`${path}.${why}-`);
  return target;
}

interface Choice {
  readonly parts?: readonly Part[];
  readonly ending?: string;
}

function freeName(start: string, ending: string): string {
  for (let now = Date.now(); ; now++) {
    const name = `${start}${new Date(now).toISOString().replace(/[-:.Z]/g, "")}${ending}`;
    if (PARTS.every((part) => !existsSync(name + part))) return name;
  }
}

function removeOldest(start: string): void {
  const names = readdirSync(dirname(start)).filter((name) => name.startsWith(basename(start)));
  const times = new Set(names.flatMap((name) => TIME.exec(name.slice(basename(start).length))?.[1] ?? []));
  for (const time of [...times].toSorted().slice(0, -KEPT)) {
    for (const part of PARTS) rmSync(start + time + part, { force: true });
  }
}
