const QUOTE = '"';

/**
 * How a string lies in a TEXT column. Node 22 cuts what it reads at a NUL character, and UTF-8 has no lone surrogates: a
 * string with one of them is kept as its JSON, and so is one that begins like JSON, lest two strings have one text.
 */
export function toStoredText(text: string): string {
  const asItIs = text.isWellFormed() && !text.includes("\0") && !text.startsWith(QUOTE);
  return asItIs ? text : JSON.stringify(text);
}

/**
 * What somebody else has put there is given as it is, and what is no text as the empty one: that it is no entry is for
 * whoever reads entries to say, and a row must not cost a bulk read.
 */
export function fromStoredText(stored: unknown): string {
  if (typeof stored !== "string") return "";
  return stored.startsWith(QUOTE) ? parsed(stored) : stored;
}

function parsed(stored: string): string {
  try {
    return JSON.parse(stored) as string;
  } catch {
    return stored;
  }
}
