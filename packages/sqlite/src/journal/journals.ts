import { realpathSync } from "node:fs";
import { tryStat } from "../file/file-identity.ts";

/** Whether a journal may hold writes that are not in the file yet, or that must be rolled back from it. */
export function hasJournal(path: string): boolean {
  const real = realPathOf(path);
  return hasContent(`${real}-wal`) || hasContent(`${real}-journal`);
}

export const hasContent = (path: string): boolean => (tryStat(path)?.size ?? 0n) > 0n;

/** Resolves symbolic links: the journals are next to the file that a link points to. */
export function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
