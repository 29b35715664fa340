import type { ChatRequest, JsonValue } from "@remem/core/plugin";
import { listOf, objectOf } from "../json.ts";

/** Tokens of a message besides its text. */
const FRAME = 4;
/** Tokens of a picture, a sound or a file of any size. */
const ATTACHMENT = 85;

/**
 * Splits a text into tokens: up to four Latin characters or one of any other script, with the space before them, which is
 * close to a real tokenizer. Joined, they are the text again.
 */
export function tokensOf(text: string): string[] {
  return text.match(/\s*(?:[!-\u024f]{1,4}|\S)|\s+/gu) ?? [];
}

export function promptTokens({ messages, tools }: ChatRequest): number {
  const counts = messages.map(({ content, tool_calls }) => FRAME + contentTokens(content) + jsonTokens(tool_calls));
  return sum(counts) + jsonTokens(tools);
}

function contentTokens(content: JsonValue | undefined): number {
  if (typeof content === "string") return tokensOf(content).length;
  return sum(
    listOf(content).map((part) => {
      const { text } = objectOf(part);
      return typeof text === "string" ? tokensOf(text).length : ATTACHMENT;
    }),
  );
}

function jsonTokens(value: JsonValue | undefined): number {
  return value === undefined ? 0 : tokensOf(JSON.stringify(value)).length;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
