import { join } from "node:path";
import { type Journal, RememError } from "@remem/core";
import { fileJournal } from "@remem/core/journal";
import { DEFAULT_DIRECTORY } from "./store-from-url.ts";

/** The name of the journal's file in the cache directory. */
const FILENAME = "remem-journal.jsonl";

/**
 * Returns the path of the journal that `journal: true` writes: `remem-journal.jsonl` in the directory of the caches, which is
 * `"./llm_cache"` by default.
 */
export const defaultJournalFile = (cacheDir: string = DEFAULT_DIRECTORY): string => join(cacheDir, FILENAME);

/**
 * The journal of a client. `where` is the function that the caller has called, for errors.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function journalFor(
  where: string,
  option: boolean | string | Journal | undefined,
  cacheDir: string | undefined,
): Journal | undefined {
  const journal = option ?? (process.env.REMEM_JOURNAL || false);
  if (journal === false) return undefined;
  if (journal === true) return fileJournal({ file: defaultJournalFile(cacheDir) });
  if (typeof journal !== "string") return journal; // Checked with the other options of the client.
  if (journal !== "" && !journal.includes("\0")) return fileJournal({ file: journal });
  throw new RememError(
    "INVALID_OPTION",
    `${where}: \`journal\` must be true, false, the path of a file, or a journal.`,
  );
}
