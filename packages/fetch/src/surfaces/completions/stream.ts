import {
  type Aggregate,
  type ChunksOptions,
  isMembers,
  type JsonObject,
  type Members,
  membersOf,
  wordsOf,
} from "@remem/core/plugin";
import { appendLists, isGiven, isPresent } from "../../json/members.ts";
import type { TextCompletion } from "../completions.ts";

/** Assembles a completion. Texts and lists of probabilities add up, and the last value of any other member wins. */
export function createCompletionAggregate(): Aggregate<TextCompletion> {
  const envelope: Members = {};
  const choices = new Map<unknown, Members>();
  let hasFailed = false;

  function addPiece(piece: Members): void {
    const index = piece.index ?? 0;
    const known = choices.get(index) ?? {};
    choices.set(index, known);
    for (const [name, value] of Object.entries(piece)) {
      const before = known[name];
      if (name === "text" && typeof before === "string") known.text = `${before}${value ?? ""}`;
      else if (name === "logprobs" && isMembers(before) && isMembers(value))
        known.logprobs = appendLists(before, value);
      else if (isPresent(value) || !(name in known)) known[name] = value;
    }
  }

  return {
    add(chunk) {
      const { choices: pieces, obfuscation: _, ...rest } = chunk as Members;
      if (isGiven(rest.error)) hasFailed = true;
      for (const [name, value] of Object.entries(rest)) {
        if (isPresent(value) || !(name in envelope)) envelope[name] = value;
      }
      for (const piece of membersOf(pieces)) addPiece(piece);
    },
    isComplete: () =>
      choices.size > 0 && !hasFailed && [...choices.values()].every(({ finish_reason: reason }) => isGiven(reason)),
    answer() {
      const sorted = [...choices].toSorted(([one], [other]) => Number(one) - Number(other));
      return structuredClone({ ...envelope, choices: sorted.map(([, choice]) => choice) }) as unknown as TextCompletion;
    },
  };
}

/** The chunks of a completion, as OpenAI streams them: each text, its end, and the usage in a last chunk. */
export function* completionChunks(
  answer: TextCompletion,
  { byWord = false }: ChunksOptions = {},
): Generator<JsonObject, void, undefined> {
  const { choices, usage, ...members } = answer;
  const envelope = usage === null ? { ...members, usage } : members;
  for (const { text, finish_reason, logprobs, ...rest } of choices) {
    let probabilities = logprobs; // All of them come with the first piece.
    for (const piece of byWord ? wordsOf(text as string) : [text]) {
      const bare = { ...rest, text: piece, ...(logprobs !== undefined && { logprobs: probabilities }) };
      yield { ...envelope, choices: [{ ...bare, finish_reason: null }] } as JsonObject;
      probabilities = null;
    }
    const end = { ...rest, text: "", ...(logprobs !== undefined && { logprobs: null }), finish_reason };
    yield { ...envelope, choices: [end] } as JsonObject;
  }
  if (isMembers(usage)) yield { ...members, choices: [], usage } as JsonObject;
}
