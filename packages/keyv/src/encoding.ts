/**
 * Encodes a key in letters, digits, `_`, `.`, `-` and `%`. Adapters take a colon in a key for the end of their namespace and
 * cut it off, and backends have limits of their own. The keys of requests are not changed by it.
 */
export const toStoredKey = (key: string): string => escapeUnits(key, /[^\w.-]/g);

export const fromStoredKey: (stored: string) => string = unescapeUnits;

/**
 * Encodes a value as `<expiresAt or nothing>:<value>`. The text contains the expiry because some adapters do not support
 * one, and some expire late. Some backends truncate strings at a NUL character or use UTF-8, which has no lone surrogates:
 * values with such characters are escaped, and marked with `%` instead of the colon.
 */
export function toStoredValue(value: string, expiresAt: number | undefined): string {
  const isPlain = value.isWellFormed() && !value.includes("\0");
  return `${expiresAt ?? ""}${isPlain ? `:${value}` : `%${escapeUnits(value, /[%\0\ud800-\udfff]/g)}`}`;
}

/**
 * Decodes a value; undefined if there is none or it has expired. Returns a string of another form as it is: it is damaged,
 * which its reader detects.
 * @throws if the value is not a string, and so not written by this store
 */
export function fromStoredValue(stored: unknown): string | undefined {
  if (stored === undefined || stored === null) return undefined;
  if (typeof stored !== "string") throw new Error("the stored value is not a string, so this store did not write it.");
  const [header, expiresAt, mark] = /^(\d*)([:%])/.exec(stored) ?? [""];
  if (expiresAt && Number(expiresAt) <= Date.now()) return undefined;
  const text = stored.slice(header.length);
  return mark === "%" ? unescapeUnits(text) : text;
}

/** Replaces the UTF-16 units that `units` matches, which must include `%`, by `%` and four hexadecimal digits. */
function escapeUnits(text: string, units: RegExp): string {
  return text.replace(units, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function unescapeUnits(text: string): string {
  return text.replace(/%([0-9a-f]{4})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}
