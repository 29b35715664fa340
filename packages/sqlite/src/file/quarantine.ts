import { renameSync, rmSync } from "node:fs";
import { hasJournal } from "../journal/journals.ts";
import { copyWithoutJournals } from "../journal/sound-copy.ts";
import { fileIdentity } from "./file-identity.ts";
import { identifyFile } from "./identify-file.ts";
import { checkIntegrity } from "./integrity-check.ts";
import type { Maintenance } from "./maintenance.ts";
import { moveAside } from "./moved-aside.ts";
import { refusal } from "./schema.ts";

const HINT = "Move it away, or give the cache a file of its own.";

/**
 * Moves the file out of the way if it is damaged, which a fresh connection has to find too; says whether it did. Where it
 * is whole without its journals, a copy of what is whole takes its place. Nothing happens where the lock directory cannot
 * be used.
 * @throws {StoreError} where the file was never a cache, or is one of a newer version
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
      // Before the look, which may write into the file what the journals hold.
      const isCopied = hasJournal(path) && copyWithoutJournals(path, copy);
      const problem = check(path);
      if (problem === undefined) return false;
      const found = identifyFile(path);
      if (!isCopied && found === "other") {
        throw refusal(`${path} is damaged (${problem}) and more than a cache. ${HINT}`);
      }
      if (!isCopied && found === "unknown" && !maintenance.isMarkedAsCache) {
        throw refusal(`${path} is no database (${problem}), and nothing shows that it was a cache. ${HINT}`);
      }
      // The look may have taken long.
      if (!isLockHeld() || fileIdentity(path) !== identity) return false;
      const target = moveAside(path, "corrupt", { ending: found === "ours" ? "" : ".keep" });
      if (isCopied) renameSync(copy, path);
      const next = isCopied
        ? "what is whole in it without its journal, which is all but the last writes"
        : "a new file";
      process.emitWarning(
        `${path} was damaged (${problem}). It is now ${target}, and the cache goes on with ${next}.`,
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
