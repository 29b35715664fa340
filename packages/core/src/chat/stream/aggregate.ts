import type { ChatCompletion } from "../chat-completion.ts";
import { isBlank } from "../servers/is-blank.ts";
import { emptyMembers, isEmpty, isMembers, type Members, membersOf } from "./members.ts";
import { concatenate, keepLast, merge } from "./merge.ts";

/** Assembles an answer from the chunks of a stream. */
export interface ChatAggregate {
  /** Adds the next parsed chunk, without modifying it. */
  add(chunk: unknown): void;
  /** Whether every choice so far has a `finish_reason` and no chunk had an error. The reader detects aborts. */
  isComplete(): boolean;
  /** A copy of the answer so far, in the shape of an unstreamed one. */
  answer(): ChatCompletion;
}

/**
 * Assembles the chunks of a stream. In the `delta` of a choice, strings and lists are concatenated, including those of
 * unknown members. Outside of it, lists are concatenated, and the last value of any other member wins. `obfuscation` is
 * padding and is dropped.
 */
export function createChatAggregate(): ChatAggregate {
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
        // Azure sends intermediate chunks without id and model, and with 0 for `created`.
        if (!(name in envelope) || !(isEmpty(value) || value === 0)) envelope[name] = value;
      }
      for (const piece of membersOf(pieces)) addChoice(piece);
    },
    isComplete() {
      const finished = Array.from(choices.values(), ({ rest }) => rest.finish_reason);
      return finished.length > 0 && !finished.some(isEmpty) && isBlank(envelope.error);
    },
    answer() {
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

/** Sorts the tool calls and drops their `index`, which only streams have. */
function orderedCalls({ tool_calls: calls }: Members): { tool_calls?: Members[] } {
  if (!Array.isArray(calls)) return {};
  const sorted = calls.toSorted((one, other) => (one.index ?? 0) - (other.index ?? 0));
  return { tool_calls: sorted.map(({ index: _, ...call }) => call) };
}
