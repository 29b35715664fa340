import { escapeUnits, unescapeUnits } from "./escape.ts";

/**
 * How a key lies in a backend: in letters, digits, `_`, `.`, `-` and `%` alone. Adapters take colons in a key for the end
 * of their namespace and cut it off, and backends have limits of their own. The keys of requests stay as they are.
 */
export const toStoredKey = (key: string): string => escapeUnits(key, /[^\w.-]/g);

export const fromStoredKey: (stored: string) => string = unescapeUnits;
