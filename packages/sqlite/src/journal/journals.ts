import { realpathSync } from "node:fs";
import { tryStat } from "../file/file-identity.ts";

/** Whether there are writes beside the file that may not be in it yet, or that it has to be rid of. */
export function hasJournal(path: string): boolean {
  const real = realPathOf(path);
  return hasContent(`${real}-wal`) || hasContent(`${real}-journal`);
}

export const hasContent = (path: string): boolean => (tryStat(path)?.size ?? 0n) > 0n;

/** Where the journals lie: beside the file that a link leads to. */
export function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
