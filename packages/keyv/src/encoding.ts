/**
 * How a key lies in a backend: in letters, digits, `_`, `.`, `-` and `%` alone. Adapters take colons in a key for the end
 * of their namespace and cut it off, and backends have limits of their own. The keys of requests stay as they are.
 */
export const toStoredKey = (key: string): string => escapeUnits(key, /[^\w.-]/g);

export const fromStoredKey: (stored: string) => string = unescapeUnits;

/**
 * How a value lies in a backend: `<expiresAt or nothing>:<value>`. The expiry is in the text because some adapters know
 * none, and some are late. Backends cut a text at a NUL character, or speak UTF-8, which has no lone surrogates: a value
 * with one of them is escaped, and has `%` in the place of the colon.
 */
export function toStoredValue(value: string, expiresAt: number | undefined): string {
  const isPlain = value.isWellFormed() && !value.includes("\0");
  return `${expiresAt ?? ""}${isPlain ? `:${value}` : `%${escapeUnits(value, /[%\0\ud800-\udfff]/g)}`}`;
}

/**
 * The value, unless there is none or it has expired. A text of another form was damaged, and is for its reader to notice.
 * @throws for what is no text: it is somebody else's
 */
export function fromStoredValue(stored: unknown): string | undefined {
  if (stored === undefined || stored === null) return undefined;
  if (typeof stored !== "string") throw new Error("what lies there is not text, so it is not of this store.");
  const [header, expiresAt, mark] = /^(\d*)([:%])/.exec(stored) ?? [""];
  if (expiresAt && Number(expiresAt) <= Date.now()) return undefined;
  const text = stored.slice(header.length);
  return mark === "%" ? unescapeUnits(text) : text;
}

/** Writes the UTF-16 units that `units` matches, `%` always being one of them, as `%` and four hexadecimal digits. */
function escapeUnits(text: string, units: RegExp): string {
  return text.replace(units, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function unescapeUnits(text: string): string {
  return text.replace(/%([0-9a-f]{4})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}
