import { hash } from "node:crypto";
import type { ChatCompletion, ChatRequest } from "@remem/core";
import { encodeEntry } from "@remem/core";
import { splitEntry } from "@remem/core/plugin";

// The shortest correct code: what every floor does besides reading and writing. Its entries are those of remem, byte for byte,
// and it verifies their digest as remem does, so that a ratio shows the overhead of remem and not the price of its promises.

/** Unambiguous, but it depends on the order of members. */
export function keyOf(request: ChatRequest): string {
  return hash("sha256", JSON.stringify(request));
}

/** The value that a hit reads, and the request beside it. */
export function entryOf(
  key: string,
  request: ChatRequest,
  completion: ChatCompletion,
): { readonly value: string; readonly sidecar: string } {
  const { value, sidecar } = splitEntry(encodeEntry({ key, createdAt: Date.now(), answer: completion, request }));
  return { value, sidecar: sidecar! };
}

const DIGEST_AT = "remem/1 ".length;
const GUARDED_AT = DIGEST_AT + 64 + 1;

export function answerIn(entry: string): string {
  const headerEnd = entry.indexOf("\n");
  const digest = hash("sha256", entry.slice(GUARDED_AT));
  if (entry.slice(DIGEST_AT, GUARDED_AT - 1) !== digest) throw new Error("A damaged entry.");
  return textOf(JSON.parse(entry.slice(headerEnd + 1)));
}

export function textOf(completion: ChatCompletion): string {
  return completion.choices[0]!.message.content!;
}
