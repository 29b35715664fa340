import { toStoredText } from "./stored-value.ts";

/**
 * A condition that the index of the keys answers, so that no other row is read: `keysBetween` gives its two parameters. Keys that are
 * stored encoded pass, too, and the caller checks them once they are decoded.
 */
export const hasKeyBetween = (table: string): string => `rowid IN (
  SELECT rowid FROM ${table} WHERE key >= ? AND key < ? UNION ALL SELECT rowid FROM ${table} WHERE key >= '"' AND key < '#')`;

/** The first key with the prefix, and the first after all of them; undefined where all rows have to be read. */
export function keysBetween(prefix: string): [first: string, end: string] | undefined {
  if (prefix === "" || toStoredText(prefix) !== prefix) return undefined;
  const last = [...prefix].at(-1)!;
  const next = last.codePointAt(0)! + 1;
  if (next > 0x10ffff) return undefined;
  // SQLite compares UTF-8, which is in the order of the code points. Surrogates are none.
  return [prefix, prefix.slice(0, -last.length) + String.fromCodePoint(next === 0xd800 ? 0xe000 : next)];
}
