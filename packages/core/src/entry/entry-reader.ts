import type { ChatCompletion } from "../chat/chat-completion.ts";
import { isCompletion } from "../chat/infer-result.ts";
import { createRoster, type Place } from "../collections/linked-list.ts";
import { isTooDeep, plainJson } from "../json/plain-json.ts";
import { readAnswer } from "./entry.ts";

/** The answer in an entry's text, an object of the caller's own; `undefined` where the text is damaged, or not for this key. */
export type AnswerReader = (key: string, text: string) => StoredAnswer | undefined;

export interface StoredAnswer {
  readonly completion: ChatCompletion;
  readonly expiresAt: number | undefined;
}

/** An entry that was found whole, and what it says. */
interface Known {
  readonly key: string;
  readonly text: string;
  readonly expiresAt: number | undefined;
  /** JSON, until the entry is read again: most are read once. */
  completion: string | ChatCompletion;
}

/** So many characters of entries are remembered. */
const MOST_CHARACTERS = 8 * 1024 * 1024;
/** One of more would push out many others, and cost more to keep than it saves. */
const LONGEST = 16 * 1024;

/**
 * Checks and parses. A text that is the same as when it was read before is known to be whole, and parsed already: whoever
 * asks for the same answers again and again gets copies, which cost a tenth of that.
 */
export function createAnswerReader(): AnswerReader {
  const places = new Map<string, Place<Known>>();
  const known = createRoster<Known>();
  let characters = 0;

  function forget(place: Place<Known>): void {
    known.remove(place);
    places.delete(place.item.key);
    characters -= place.item.text.length;
  }
  function remember(item: Known): void {
    const older = places.get(item.key);
    if (older !== undefined) forget(older);
    if (item.text.length > LONGEST) return;
    places.set(item.key, known.add(item));
    characters += item.text.length;
    for (const { key } of known) {
      if (characters <= MOST_CHARACTERS) break;
      forget(places.get(key)!);
    }
  }

  return (key, text) => {
    const place = places.get(key);
    if (place?.item.text === text) {
      known.renew(place);
      return { completion: copyFor(place.item), expiresAt: place.item.expiresAt };
    }
    const entry = readAnswer(text, key);
    const completion = entry && parseCompletion(entry.completion);
    if (entry === undefined || completion === undefined) return undefined;
    remember({ key, text, ...entry });
    return { completion, expiresAt: entry.expiresAt };
  };
}

function copyFor(item: Known): ChatCompletion {
  if (typeof item.completion === "string") item.completion = JSON.parse(item.completion) as ChatCompletion;
  return plainJson(item.completion) as unknown as ChatCompletion;
}

/** The digest says that nobody has changed the text by accident, not that we have written it. */
function parseCompletion(text: string): ChatCompletion | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isCompletion(parsed) && !isTooDeep(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
