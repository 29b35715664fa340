import { toStoredText } from "./stored-value.ts";

/**
 * A condition that the index of the keys answers, so that no other row is read. `keysBetween` returns its two parameters.
 * Encoded keys pass, too, and the caller checks them after decoding.
 */
export const hasKeyBetween = (table: string): string => `rowid IN (
  SELECT rowid FROM ${table} WHERE key >= ? AND key < ? UNION ALL SELECT rowid FROM ${table} WHERE key >= '"' AND key < '#')`;

/** The first key with the prefix, and the first after all of them; undefined if all rows have to be read. */
export function keysBetween(prefix: string): [first: string, end: string] | undefined {
  if (prefix === "" || toStoredText(prefix) !== prefix) return undefined;
  const last = [...prefix].at(-1)!;
  const next = last.codePointAt(0)! + 1;
  if (next > 0x10ffff) return undefined;
  // SQLite compares UTF-8, in the order of code points. Surrogates are not code points of a text.
  return [prefix, prefix.slice(0, -last.length) + String.fromCodePoint(next === 0xd800 ? 0xe000 : next)];
}
