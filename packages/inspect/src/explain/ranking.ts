import type { JsonValue } from "@remem/core";
import { isMembers } from "@remem/core/plugin";
import { type Parts, textIn } from "./parts.ts";
import { likeness, type Words, wordsOf } from "./words.ts";

/** Tells how alike a stored request is to the given one. */
export interface Ranking {
  /** From 0 to 1. */
  score(stored: Parts): number;
}

/** The weight of the messages. Tools, parameters and facts weigh little, because people look for the same question. */
const MESSAGES = 0.75;
const TOOLS = 0.1;
const PARAMETERS = 0.1;
const FACTS = 0.05;

interface Known {
  readonly message: JsonValue;
  readonly words: Words;
}

/** Equal parts are found by their text. Only messages that have changed are compared by their words. */
export function rankingFor(asked: Parts): Ranking {
  const messages = asked.messages.map((message) => ({ message, words: wordsOf(textIn(message)) }));
  const tools = new Set(asked.tools.map((tool) => JSON.stringify(tool)));
  const parameters = jsonOf(asked.parameters);
  const facts = jsonOf(asked.facts as Readonly<Record<string, JsonValue | undefined>>);

  return {
    score(stored) {
      return (
        MESSAGES * likenessOfMessages(stored.messages, messages) +
        TOOLS *
          shareOf(
            stored.tools.map((tool) => JSON.stringify(tool)),
            tools,
          ) +
        PARAMETERS * shareOf(jsonOf(stored.parameters), new Set(parameters)) +
        FACTS * shareOf(jsonOf(stored.facts as Readonly<Record<string, JsonValue | undefined>>), new Set(facts))
      );
    },
  };
}

/** Messages at the same place from the start or, where one was added, from the end. A long message weighs more than a short one. */
function likenessOfMessages(stored: Parts["messages"], asked: readonly Known[]): number {
  let sum = 0;
  let weights = 0;
  const most = Math.max(stored.length, asked.length);
  for (let index = 0; index < most; index++) {
    const own = asked[index];
    const weight = 1 + (own?.words.count ?? 0);
    weights += weight;
    if (own === undefined) continue;
    const fromEnd = stored.length - (asked.length - index);
    if (isSame(stored[index], own.message) || isSame(stored[fromEnd], own.message)) sum += weight;
    else {
      const at = index < stored.length ? index : fromEnd;
      if (stored[at] !== undefined) sum += weight * likeness(textIn(stored[at]), own.words);
    }
  }
  return weights === 0 ? 1 : sum / weights;
}

/** Most messages are a role and a text. */
function isSame(stored: JsonValue | undefined, asked: JsonValue): boolean {
  if (typeof stored !== "object" || typeof asked !== "object") return stored === asked;
  if (isMembers(stored) && isMembers(asked)) {
    if (stored.role !== asked.role) return false;
    if (typeof stored.content === "string" && stored.content !== asked.content) return false;
  }
  return JSON.stringify(stored) === JSON.stringify(asked);
}

function jsonOf(members: Readonly<Record<string, JsonValue | undefined>>): string[] {
  return Object.entries(members).map(([name, value]) => `${name}:${JSON.stringify(value)}`);
}

/** The share of the items that both lists have. */
function shareOf(stored: readonly string[], asked: ReadonlySet<string>): number {
  const most = Math.max(stored.length, asked.size);
  return most === 0 ? 1 : stored.filter((item) => asked.has(item)).length / most;
}
