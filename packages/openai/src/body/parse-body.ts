import { createEventReader, type ServerSentEvent } from "./event-reader.ts";

/** The content of a body. Its content type does not count, because servers and proxies often get it wrong. */
export type Body =
  | { readonly json: unknown }
  | { readonly events: readonly ServerSentEvent[]; readonly cut: ServerSentEvent | undefined }
  | { readonly text: string };

/**
 * Parses a body: JSON, also after a byte order mark or before `data: [DONE]`, a stream of events, or text.
 * @throws {SyntaxError} if it begins like JSON but is not JSON
 */
export function parseBody(received: string): Body {
  const text = received.replace(/^\uFEFF+/, "");
  const trimmed = text.trim();
  const json = LIKE_JSON.test(trimmed) ? parse(trimmed) : parseOr(trimmed);
  if (json !== undefined) return { json };
  const reader = createEventReader();
  const events = reader.feed(text);
  const cut = reader.end();
  return events.length === 0 && cut === undefined ? { text } : { events, cut };
}

/** Text may begin with a brace or a bracket, too. */
const LIKE_JSON = /^\{\s*["}]|^\[\s*[[\]{"]/;

/** Parses JSON, or returns undefined. For a text that may not be JSON. */
export function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const json = parseOr(withoutDone(text));
    if (json === undefined) throw error;
    return json;
  }
}

function withoutDone(text: string): string {
  if (!text.endsWith("[DONE]")) return text;
  const before = text.slice(0, -"[DONE]".length).trimEnd();
  return before.endsWith("data:") ? before.slice(0, -"data:".length) : before;
}
