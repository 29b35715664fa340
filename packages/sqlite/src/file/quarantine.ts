import { renameSync, rmSync } from "node:fs";
import { hasJournal } from "../journal/journals.ts";
import { copyWithoutJournals } from "../journal/sound-copy.ts";
import { fileIdentity } from "./file-identity.ts";
import { identifyFile } from "./identify-file.ts";
import { checkIntegrity } from "./integrity-check.ts";
import type { Maintenance } from "./maintenance.ts";
import { moveAside } from "./moved-aside.ts";
import { refusal } from "./schema.ts";

const HINT = "Move it elsewhere, or give the cache a file of its own.";

/**
 * Moves the file aside if a fresh connection confirms that it is damaged. Returns whether it was moved. If the file is
 * intact without its journals, a copy of that state takes its place. Does nothing if the lock directory cannot be used.
 * @throws {StoreError} if the file was never a cache, or has a newer schema version
 */
export function quarantine(
  path: string,
  maintenance: Maintenance,
  check: typeof checkIntegrity = checkIntegrity,
): boolean {
  return maintenance.run((isLockHeld) => {
    const identity = fileIdentity(path);
    if (!isLockHeld() || identity === undefined) return false;
    const copy = `${path}.remem-copy`;
    try {
      // Before the check, which may write the contents of the journals into the file.
      const isCopied = hasJournal(path) && copyWithoutJournals(path, copy);
      const problem = check(path);
      if (problem === undefined) return false;
      const found = identifyFile(path);
      if (!isCopied && found === "other") {
        throw refusal(`${path} is damaged (${problem}) and holds more than a cache. ${HINT}`);
      }
      if (!isCopied && found === "unknown" && !maintenance.isMarkedAsCache) {
        throw refusal(`${path} is not a database (${problem}), and nothing shows that it was a cache. ${HINT}`);
      }
      // The check may have taken long.
      if (!isLockHeld() || fileIdentity(path) !== identity) return false;
      const target = moveAside(path, "corrupt", { ending: found === "ours" ? "" : ".keep" });
      if (isCopied) renameSync(copy, path);
      const next = isCopied ? "an intact copy that lacks only the last writes, those in its journal" : "a new file";
      process.emitWarning(
        `${path} was damaged (${problem}). It was moved to ${target}, and the cache continues with ${next}.`,
        {
          type: "RememWarning",
          code: "REMEM_SQLITE_DAMAGED",
        },
      );
      return true;
    } finally {
      rmSync(copy, { force: true });
    }
  });
}
