/** The prefix of keys of notes about running batches, which are not answers. */
export const RESERVED_PREFIX: string = "remem.deferred/";

/** Whether an entry is such a note. Lists and counts of answers leave it out. */
export function isReservedKey(key: string): boolean {
  return key.startsWith(RESERVED_PREFIX);
}
