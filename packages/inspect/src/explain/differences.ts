import type { JsonObject, JsonValue } from "@remem/core";
import type { Parts } from "./parts.ts";

/** One difference between a request and a stored one. */
export interface Difference {
  /** The place of the difference: `messages[2].content`, `temperature`, `tools[1].function.description`, `scope`, `sample`. */
  readonly path: string;
  /** The stored value. Undefined if the stored request has none. */
  readonly stored?: JsonValue;
  /** The value in the request. Undefined if the request has none. */
  readonly asked?: JsonValue;
  /** For texts: the words in which they differ, in order. */
  readonly words?: readonly WordChange[];
}

/** Words that one of two texts has in a place, and the other has not. */
export interface WordChange {
  /** The words of the stored text. Empty where only the request has words there. */
  readonly stored: string;
  /** The words of the request. Empty where only the stored text has words there. */
  readonly asked: string;
  /** The text before the change, which is the same in both. */
  readonly before: string;
}

/** The maximum number of differences in the result. */
const MOST = 50;
const MOST_WORD_CHANGES = 20;
/** A text that differs in more places counts as another text. */
const MOST_EDITS = 400;
const CONTEXT = 24;
const MAX_DEPTH = 64;

/** The differences so far, and the package that aligns lists and words. */
interface Comparison {
  readonly found: Difference[];
  readonly diff: typeof import("diff");
}

/** Loads the package that compares requests: twenty modules, which no other function needs. */
export async function createComparer(): Promise<(stored: Parts, asked: Parts) => Difference[]> {
  const diff = await import("diff");
  return (stored, asked) => {
    const found: Difference[] = [];
    const to = { found, diff };
    add(to, "", stored.facts as JsonObject, asked.facts as JsonObject, 0);
    add(to, "", stored.parameters, asked.parameters, 0);
    add(to, "", stored.said, asked.said, 0);
    addItems(to, "tools", stored.tools, asked.tools);
    return found.slice(0, MOST);
  };
}

function add(to: Comparison, path: string, stored: JsonValue, asked: JsonValue, depth: number): void {
  if (to.found.length >= MOST || Object.is(stored, asked)) return;
  if (isObject(stored) && isObject(asked) && depth < MAX_DEPTH) {
    for (const name of new Set([...Object.keys(stored), ...Object.keys(asked)])) {
      addMember(to, path === "" ? name : `${path}.${name}`, own(stored, name), own(asked, name), depth + 1);
    }
  } else if (Array.isArray(stored) && Array.isArray(asked) && depth < MAX_DEPTH) {
    addItems(to, path, stored as JsonValue[], asked as JsonValue[]);
  } else if (JSON.stringify(stored) !== JSON.stringify(asked)) {
    const words = typeof stored === "string" && typeof asked === "string" ? wordsIn(to, stored, asked) : undefined;
    to.found.push({ path, stored, asked, ...(words !== undefined && { words }) });
  }
}

function addMember(
  to: Comparison,
  path: string,
  stored: JsonValue | undefined,
  asked: JsonValue | undefined,
  depth: number,
): void {
  if (stored === undefined && asked === undefined) return;
  if (stored !== undefined && asked !== undefined) add(to, path, stored, asked, depth);
  else to.found.push({ path, ...(stored !== undefined && { stored }), ...(asked !== undefined && { asked }) });
}

/**
 * Aligns two lists, so that an additional item does not make all later ones differ. Items between equal ones are compared if
 * they are of one kind. A path has the index of the item in the request. The path of an item that only the stored request has,
 * has its index there.
 */
function addItems(to: Comparison, path: string, stored: readonly JsonValue[], asked: readonly JsonValue[]): void {
  const texts = (items: readonly JsonValue[]): string[] => items.map((item) => JSON.stringify(item));
  const changes = to.diff.diffArrays(texts(stored), texts(asked));
  let [atStored, atAsked] = [0, 0];
  let removed: number[] = [];
  function flush(): void {
    for (const index of removed) addMember(to, `${path}[${index}]`, stored[index], undefined, 0);
    removed = [];
  }
  for (const { value, added, removed: isRemoved } of changes) {
    if (isRemoved) {
      removed = value.map((_, index) => atStored + index);
      atStored += value.length;
    } else if (added) {
      for (let index = atAsked; index < atAsked + value.length; index++) {
        const pair = removed.findIndex((other) => kindOf(stored[other]!) === kindOf(asked[index]!));
        const [other] = pair === -1 ? [] : removed.splice(pair, 1);
        addMember(to, `${path}[${index}]`, other === undefined ? undefined : stored[other], asked[index], 0);
      }
      atAsked += value.length;
      flush();
    } else {
      flush();
      atStored += value.length;
      atAsked += value.length;
    }
  }
  flush();
}

/** The words in which two texts differ. Undefined if they have too little in common. */
function wordsIn({ diff }: Comparison, stored: string, asked: string): WordChange[] | undefined {
  const changes = diff.diffWordsWithSpace(stored, asked, { maxEditLength: MOST_EDITS, timeout: 200 });
  if (changes === undefined) return undefined;
  const found: Array<{ stored: string; asked: string; before: string }> = [];
  let before = "";
  let open: { stored: string; asked: string; before: string } | undefined;
  for (const { value, added, removed } of changes) {
    if (!added && !removed) {
      if (open !== undefined && value.trim() === "") {
        open.stored += value; // Neighbouring words are one change.
        open.asked += value;
        continue;
      }
      before = value.slice(-CONTEXT);
      open = undefined;
      continue;
    }
    if (open === undefined) {
      if (found.length === MOST_WORD_CHANGES) break;
      open = { stored: "", asked: "", before };
      found.push(open);
    }
    if (added) open.asked += value;
    else open.stored += value;
  }
  return found.map(trimmed);
}

/** Removes the blanks that both have at the end. */
function trimmed({ stored, asked, before }: WordChange): WordChange {
  const blanks = /\s*$/.exec(stored)![0].length;
  const isShared = blanks > 0 && asked.endsWith(stored.slice(-blanks));
  return isShared
    ? { stored: stored.slice(0, -blanks), asked: asked.slice(0, -blanks), before }
    : { stored, asked, before };
}

/** Every object has members such as `constructor`. */
const own = (object: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Messages are of one kind by their role, and tools are the same tool by their name. Other items are of one kind. */
function kindOf(item: JsonValue): unknown {
  if (!isObject(item)) return undefined;
  const { function: called, name, role = name } = item;
  return called !== undefined && isObject(called) ? called.name : role;
}
