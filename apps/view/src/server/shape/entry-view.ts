import type { EntryDetails, UnreadableDetails } from "@remem/inspect";
import { type EntryView, FIRST_MESSAGES, type MessageView, type UnreadableView } from "../../wire.ts";
import type { ShownCache } from "../options.ts";
import { boundedJson } from "./bounded-json.ts";
import { dollarsOf } from "./dollars.ts";
import { type Budget, clip, messageView } from "./pieces.ts";

const CHARACTERS = 2_000_000;
/** The middle of a longer conversation is left out. */
const MESSAGES = 400;

/** An entry as far as a page can show it. */
export function entryView(found: EntryDetails | UnreadableDetails, options: ShownCache): EntryView | UnreadableView {
  const budget: Budget = { characters: CHARACTERS };
  if (found.kind !== "entry") return { ...found, raw: clip(found.raw, budget) };
  const { prompt: _, response: __, choices, request, raw, answer, parameters, facts, ...figures } = found;
  const { messages, leftOut } = withoutMiddle(found.messages);
  // If not everything can be shown, the answer takes precedence over the messages.
  const answered = choices?.map((choice) => messageView(choice, budget));
  return {
    ...figures,
    dollars: dollarsOf(found, options),
    choices: answered,
    messages: messages?.map((message): MessageView => messageView(message, budget)),
    leftOut,
    parameters: boundedJson(parameters),
    request: request && boundedJson(request),
    facts: boundedJson(facts),
    answer: boundedJson(answer),
    raw: clip(raw, { characters: Number.POSITIVE_INFINITY }),
  };
}

function withoutMiddle<Item>(items: readonly Item[] | undefined): {
  readonly messages: readonly Item[] | undefined;
  readonly leftOut: number;
} {
  if (items === undefined || items.length <= MESSAGES) return { messages: items, leftOut: 0 };
  const last = MESSAGES - FIRST_MESSAGES;
  return { messages: [...items.slice(0, FIRST_MESSAGES), ...items.slice(-last)], leftOut: items.length - MESSAGES };
}
