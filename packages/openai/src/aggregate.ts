import type { ChatCompletion } from "@remem/core";
import { concatenate, emptyMembers, isEmpty, isMembers, keepLast, type Members, membersOf, merge } from "./merge.ts";

/** An answer that comes in chunks. */
export interface Aggregate {
  /** Takes the next chunk, parsed, and leaves it as it is. */
  add(chunk: unknown): void;
  /** Whether each choice that was seen has a `finish_reason`, and no chunk had an error. An abort is for the reader to know. */
  isComplete(): boolean;
  /** What has come so far, as if it had come in one piece. The caller's own. */
  completion(): ChatCompletion;
}

/**
 * Puts the chunks of a stream together. In a choice's `delta` texts and lists add up, also those of members that nobody
 * has heard of; beside it lists do, and of anything else the last word counts. `obfuscation` is padding, and left out.
 */
export function createAggregate(): Aggregate {
  const envelope = emptyMembers();
  const choices = new Map<number, Record<"message" | "rest", Members>>();

  function addChoice({ index = 0, delta, ...rest }: ChoiceDelta): void {
    const choice = choices.get(index) ?? { message: emptyMembers(), rest: emptyMembers() };
    choices.set(index, choice);
    merge(choice.rest, rest, keepLast);
    if (isMembers(delta)) merge(choice.message, delta, concatenate);
  }

  return {
    add(chunk) {
      if (!isMembers(chunk)) return;
      const { choices: pieces, obfuscation: _, ...rest } = chunk;
      for (const [name, value] of Object.entries(rest)) {
        // Azure's chunks in between have no id, no model, and 0 for `created`.
        if (!(name in envelope) || !(isEmpty(value) || value === 0)) envelope[name] = value;
      }
      for (const piece of membersOf(pieces)) addChoice(piece);
    },
    isComplete() {
      const finished = Array.from(choices.values(), ({ rest }) => rest.finish_reason);
      return finished.length > 0 && !finished.some(isEmpty) && isEmpty(envelope.error);
    },
    completion() {
      const whole = Array.from(choices, ([index, { message, rest }]) => ({
        index,
        message: { role: "assistant", content: null, ...message, ...orderedCalls(message) },
        finish_reason: null,
        ...rest,
      }));
      return structuredClone({
        ...envelope,
        object: "chat.completion",
        choices: whole.sort((one, other) => one.index - other.index),
      }) as unknown as ChatCompletion;
    },
  };
}

interface ChoiceDelta extends Members {
  readonly index?: number;
  readonly delta?: unknown;
}

/** The calls in their order, without the `index` that only streams have. */
function orderedCalls({ tool_calls: calls }: Members): { tool_calls?: Members[] } {
  if (!Array.isArray(calls)) return {};
  const sorted = calls.toSorted((one, other) => (one.index ?? 0) - (other.index ?? 0));
  return { tool_calls: sorted.map(({ index: _, ...call }) => call) };
}
