import type { ChatRequest, JsonValue } from "@remem/core";
import { listOf, objectOf } from "../json.ts";

/** What the frame of a message costs beside its text. */
const FRAME = 4;
/** A picture, a sound or a file, whatever its size. */
const ATTACHMENT = 85;

/**
 * The pieces a text is counted and cut by: up to four Latin characters or one of any other script, and the space
 * before them, about what a real tokeniser makes of it. Joined they are the text again.
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
