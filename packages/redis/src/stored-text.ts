const QUOTE = '"';

/**
 * How a string lies in Redis. UTF-8 has no lone surrogates: a string with one of them is kept as its JSON, and so is one
 * that begins like JSON, lest two strings have one text.
 */
export function toStoredText(text: string): string {
  const asItIs = text.isWellFormed() && !text.startsWith(QUOTE);
  return asItIs ? text : JSON.stringify(text);
}

export function fromStoredText(stored: string): string {
  return stored.startsWith(QUOTE) ? (JSON.parse(stored) as string) : stored;
}
