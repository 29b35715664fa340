import { escapeUnits, unescapeUnits } from "./escape.ts";

/**
 * How a value lies in a backend: `<expiresAt or nothing>:<value>`. The expiry is in the text because some adapters know
 * none, and some are late. Backends cut a text at a NUL character, or speak UTF-8, which has no lone surrogates: a value
 * with one of them is escaped, and has `%` in the place of the colon.
 */
export function toStoredValue(value: string, expiresAt: number | undefined): string {
  const asItIs = value.isWellFormed() && !value.includes("\0");
  return `${expiresAt ?? ""}${asItIs ? `:${value}` : `%${escapeUnits(value, /[%\0\ud800-\udfff]/g)}`}`;
}

/**
 * The value, unless there is none or it has expired. A text of another form was damaged, and is for its reader to notice.
 * @throws for what is no text: it is somebody else's
 */
export function fromStoredValue(stored: unknown): string | undefined {
  if (stored === undefined || stored === null) return undefined;
  if (typeof stored !== "string") throw new Error("what lies there is not text, so it is not of this store.");
  const [head, expiresAt, mark] = /^(\d*)([:%])/.exec(stored) ?? [""];
  if (expiresAt && Number(expiresAt) <= Date.now()) return undefined;
  const text = stored.slice(head.length);
  return mark === "%" ? unescapeUnits(text) : text;
}
