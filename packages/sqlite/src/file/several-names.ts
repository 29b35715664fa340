import { identityOf, tryStat } from "./file-identity.ts";
import { isFileMount } from "./real-path.ts";

/** The name of the link through which `journal/foreign-journal.ts` locks a file, for a moment. */
export const aloneNameOf = (path: string): string => `${path}.remem-alone`;

/**
 * Returns why SQLite must not write to the file under this name: it may be in use under another one, with another
 * journal, and the two damage it. Undefined if this is its only name.
 */
export function severalNames(path: string): Error | undefined {
  if (hasHardLinks(path)) {
    return new Error(
      `it has several names (hard links), and SQLite keeps a journal for each, so that writers damage it. Remove the other names, which \`find -samefile\` lists, or replace them by symbolic links`,
    );
  }
  if (isFileMount(path)) {
    return new Error(
      "the file alone is mounted, so SQLite keeps its journal outside of the volume, and writers in several containers damage it. Mount its directory instead",
    );
  }
  return undefined;
}

function hasHardLinks(path: string): boolean {
  const file = tryStat(path);
  if (!file?.isFile() || file.nlink <= 1n) return false;
  const alone = tryStat(aloneNameOf(path));
  const own = alone !== undefined && identityOf(alone) === identityOf(file) ? 2n : 1n;
  // Counted again: our own link may have been removed in between.
  return file.nlink > own && (tryStat(path)?.nlink ?? 1n) > own;
}
