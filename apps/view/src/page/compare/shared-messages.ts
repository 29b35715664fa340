import type { MessageView } from "../../wire.ts";

/** The messages that conversations have in common: their first and their last ones. */
export interface Shared {
  readonly first: readonly MessageView[];
  readonly last: readonly MessageView[];
}

const NONE: Shared = { first: [], last: [] };

/** Finds the messages with which all of these conversations begin, and those with which they end. */
export function sharedMessages(conversations: ReadonlyArray<readonly MessageView[]>): Shared {
  const [base, ...others] = conversations.map((messages) => messages.map((message) => JSON.stringify(message)));
  if (base === undefined) return NONE;
  const shortest = Math.min(base.length, ...others.map(({ length }) => length));
  let first = 0;
  while (first < shortest && others.every((other) => other[first] === base[first])) first += 1;
  let last = 0;
  while (last < shortest - first && others.every((other) => other.at(-1 - last) === base.at(-1 - last))) last += 1;
  const messages = conversations[0]!;
  return { first: messages.slice(0, first), last: messages.slice(messages.length - last) };
}

/** The messages that are not in common. */
export function ownMessages(messages: readonly MessageView[], { first, last }: Shared): readonly MessageView[] {
  return messages.slice(first.length, messages.length - last.length);
}
