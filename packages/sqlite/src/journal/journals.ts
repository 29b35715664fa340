import { realpathSync } from "node:fs";
import { look } from "../file/file-identity.ts";

/** Whether there are writes beside the file that may not be in it yet, or that it has to be rid of. */
export function hasJournal(path: string): boolean {
  const real = realOf(path);
  return hasContent(`${real}-wal`) || hasContent(`${real}-journal`);
}

export const hasContent = (path: string): boolean => (look(path)?.size ?? 0n) > 0n;

/** Where the journals lie: beside the file that a link leads to. */
export function realOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
