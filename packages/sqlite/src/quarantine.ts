import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { whatIs } from "./damaged-file.ts";
import { fileIdentity } from "./file-identity.ts";
import type { Maintenance } from "./maintenance.ts";
import { refused } from "./schema.ts";
import { problemIn } from "./second-opinion.ts";

/** How many damaged files are kept of those that held nothing but entries of ours. */
const KEPT = 2;
/** What may hold more has an ending behind it, and is never deleted. */
const TIME = /^\d{8}T\d{9}$/;
/** The file itself is the last to go: a new one that is made in its place must not find journals of the old one. */
const PARTS = ["-wal", "-shm", "-journal", ""];

const ADVICE = "Move it away, or give the cache a file of its own.";

/**
 * Moves the file out of the way if it is damaged, which a fresh connection has to find too; says whether it did. Nothing
 * happens where the lock directory cannot be used.
 * @throws {StoreError} where the file was never a cache, or is one of a newer version
 */
export function quarantine(path: string, maintenance: Maintenance): boolean {
  return maintenance.run((isAlone) => {
    const identity = fileIdentity(path);
    if (!isAlone() || identity === undefined) return false;
    const problem = problemIn(path);
    if (problem === undefined) return false;
    const found = whatIs(path);
    if (found === "other") throw refused(`${path} is damaged (${problem}) and more than a cache. ${ADVICE}`);
    if (found === "unknown" && !maintenance.isMarkedAsCache) {
      throw refused(`${path} is no database (${problem}), and nothing shows that it was a cache. ${ADVICE}`);
    }
    // The look may have taken long.
    if (!isAlone() || fileIdentity(path) !== identity) return false;
    const target = moveAside(path, found === "ours" ? "" : ".keep");
    process.emitWarning(
      `${path} was damaged (${problem}). It is now ${target}, and the cache goes on with a new file.`,
      { type: "RememWarning", code: "REMEM_SQLITE_DAMAGED" },
    );
    removeOldest(path);
    return true;
  });
}

function moveAside(path: string, ending: string): string {
  const target = freeName(path, ending);
  for (const part of PARTS) if (existsSync(path + part)) renameSync(path + part, target + part);
  return target;
}

function freeName(path: string, ending: string): string {
  for (let now = Date.now(); ; now++) {
    const name = `${path}.corrupt-${new Date(now).toISOString().replace(/[-:.Z]/g, "")}${ending}`;
    if (!existsSync(name)) return name;
  }
}

function removeOldest(path: string): void {
  const start = `${basename(path)}.corrupt-`;
  const times = readdirSync(dirname(path))
    .filter((name) => name.startsWith(start) && TIME.test(name.slice(start.length)))
    .toSorted();
  for (const name of times.slice(0, -KEPT)) {
    for (const part of PARTS) rmSync(join(dirname(path), name + part), { force: true });
  }
}
