import { tryStat } from "../file/file-identity.ts";

/** Whether a journal may hold writes that are not in the file yet, or that must be rolled back from it. */
export const hasJournal = (path: string): boolean => hasContent(`${path}-wal`) || hasContent(`${path}-journal`);

export const hasContent = (path: string): boolean => (tryStat(path)?.size ?? 0n) > 0n;
