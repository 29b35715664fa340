import { createLru } from "../collections/lru.ts";
import { copyJson } from "../json/copy-json.ts";
import { isTooDeep } from "../json/plain-json.ts";
import { decodeForHit } from "./entry.ts";
import { jsonOfAnswer, type Separated, separateKept } from "./kept.ts";

/**
 * Reads the answer in an entry's text. Returns `undefined` if the text is damaged, is for another key, or contains no answer
 * that `isAnswer` accepts.
 */
export type EntryReader = <Answer extends object>(
  key: string,
  text: string,
  isAnswer: (value: unknown) => value is Answer,
) => StoredAnswer<Answer> | undefined;

export interface StoredAnswer<Answer> extends Separated<Answer> {
  /** Whether later reads give the same object. */
  readonly isShared: boolean;
  /** The answer as JSON. */
  readonly json: string;
  readonly expiresAt: number | undefined;
}

/** An intact entry, and its facts. */
interface Known {
  readonly text: string;
  readonly expiresAt: number | undefined;
  readonly kept: object | undefined;
  /** The answer as JSON. */
  readonly json: string;
  /** Undefined until the entry is read a second time: most are read once. */
  answer: object | undefined;
}

/** How many characters of entries are remembered. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
/** A longer entry would evict many others, and cost more to keep than it saves. */
const MAX_LENGTH = 16 * 1024;

/**
 * Checks and parses entries. It remembers recent ones: a text that has not changed since the last read is known to be intact,
 * and is parsed already. Copying the parsed answer costs a tenth of checking and parsing it.
 */
export function createEntryReader(): EntryReader {
  const entries = createLru<Known>(MAX_CHARACTERS);

  return <Answer extends object>(key: string, text: string, isAnswer: (value: unknown) => value is Answer) => {
    const known = entries.get(key);
    if (known?.text === text) {
      const { kept, json, expiresAt } = known;
      known.answer ??= JSON.parse(json) as object;
      return { answer: known.answer as Answer, isShared: true, kept, json, expiresAt };
    }
    const entry = decodeForHit(text, key);
    const whole = entry && parse(entry.answer, isAnswer);
    if (entry === undefined || whole === undefined) return undefined;
    const { expiresAt } = entry;
    const { answer, kept } = separateKept(whole);
    const json = jsonOfAnswer(entry.answer, { answer, kept });
    if (text.length <= MAX_LENGTH) entries.set(key, { text, expiresAt, kept, json, answer: undefined }, text.length);
    else entries.delete(key);
    return { answer, isShared: false, kept, json, expiresAt };
  };
}

/** Returns the answer as an object that the caller owns. */
export function ownAnswer<Answer>({ answer, isShared }: Pick<StoredAnswer<Answer>, "answer" | "isShared">): Answer {
  return isShared ? copyJson(answer) : answer;
}

/** A matching digest rules out accidental changes. It does not show that we have written the text. */
function parse<Answer>(text: string, isAnswer: (value: unknown) => value is Answer): Answer | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isAnswer(parsed) && !isTooDeep(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
