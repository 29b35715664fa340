import type { ChatCompletion } from "../chat-completion.ts";
import type { ChatCompletionChunk } from "./completion-chunk.ts";
import { isMembers, type Members } from "./members.ts";

/** The options of `chatChunks`. */
export interface ChatChunksOptions {
  /** Whether texts come word by word. By default each comes in one chunk. */
  readonly byWord?: boolean | undefined;
}

/** Members of a message whose text comes in chunks of its own, in the order in which models write them. */
const TEXTS = ["reasoning_content", "reasoning", "thinking", "content", "refusal"];

/**
 * Splits an answer into chunks that add up to it: the start of each choice, its texts, its tool calls, its end, and the usage
 * in a last chunk without choices. A choice that is one text comes in one chunk, as some servers send it.
 */
export function* chatChunks(
  completion: ChatCompletion,
  { byWord = false }: ChatChunksOptions = {},
): Generator<ChatCompletionChunk, void, undefined> {
  const { choices, usage, object: _, ...members } = completion as unknown as Members;
  const envelope: Members = {};
  for (const name of IN_EVERY_CHUNK) if (members[name] !== undefined) envelope[name] = members[name];
  let first: Members | undefined = { ...members, ...(usage === null && { usage }) };
  function chunk(choices: readonly Members[], more?: Members): ChatCompletionChunk {
    const all = { ...(first ?? envelope), object: "chat.completion.chunk", choices, ...more };
    first = undefined; // Members of other servers come once.
    return all as unknown as ChatCompletionChunk;
  }
  for (const [at, choice] of (choices as readonly Members[]).entries()) {
    for (const piece of piecesOf(choice, at, byWord)) yield chunk([piece]);
  }
  if (isMembers(usage)) yield chunk([], { usage });
}

const IN_EVERY_CHUNK = ["id", "created", "model", "service_tier", "system_fingerprint"];

function* piecesOf(choice: Members, at: number, byWord: boolean): Generator<Members, void, undefined> {
  const { index = at, message, finish_reason, logprobs, ...rest } = choice;
  const { tool_calls: calls, ...members } = message as Members;
  const bare: Members = { index, ...(logprobs !== undefined && { logprobs: null }), finish_reason: null };
  let probabilities = logprobs;
  const texts = TEXTS.filter((name) => isText(members[name]));
  if (!byWord && texts.length <= 1 && calls === undefined) {
    yield { index, ...rest, delta: members, ...(logprobs !== undefined && { logprobs }), finish_reason };
    return;
  }
  // A text begins empty, so that the reader knows of it before its first piece.
  const start = { ...members, ...Object.fromEntries(texts.map((name) => [name, ""])) };
  const isList = Array.isArray(calls);
  yield { ...bare, delta: { ...start, ...(calls !== undefined && !isList && { tool_calls: calls }) } };
  for (const name of texts) {
    for (const text of byWord ? wordsOf(members[name] as string) : [members[name]]) {
      yield { ...bare, delta: { [name]: text }, ...(name === "content" && probabilities != null && { logprobs }) };
      if (name === "content") probabilities = undefined;
    }
  }
  if (isList && calls.length === 0) yield { ...bare, delta: { tool_calls: [] } };
  for (const [index, call] of (isList ? calls : []).entries()) {
    yield { ...bare, delta: { tool_calls: [{ ...call, index }] } };
  }
  yield { ...bare, ...rest, delta: {}, finish_reason, ...(probabilities != null && { logprobs }) };
}

/** A word and the space after it, or a dozen characters of a text without spaces. */
const WORD = /\S{1,12}\s*|\s+/gu;

/** Splits a text into the pieces in which a paced replay shows it. They add up to the text. */
export function wordsOf(text: string): readonly string[] {
  return text.match(WORD) ?? [text];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
