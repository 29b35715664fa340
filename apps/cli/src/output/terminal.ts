/**
 * Characters on which a terminal acts: control characters except tab and newline, and those that change the direction of the
 * text after them.
 */
const CONTROL = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text of a server, a file or a model for a stream: on a terminal its escape sequences are visible and do nothing. Any other
 * stream gets the text as it is. JSON stays JSON.
 */
export function shownOn(stream: { readonly isTTY?: boolean }, text: string): string {
  if (!stream.isTTY) return text;
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
