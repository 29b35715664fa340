/** Begins the keys of entries that are no answers, but notes about batches that are under way. */
export const RESERVED_PREFIX: string = "remem.deferred/";

/** Whether an entry of a store is such a note, which whoever lists or counts answers leaves out. */
export function isReservedKey(key: string): boolean {
  return key.startsWith(RESERVED_PREFIX);
}
