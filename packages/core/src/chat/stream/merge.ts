import { emptyMembers, isEmpty, isMembers, type Members, membersOf } from "./members.ts";
import { callToContinue } from "./tool-calls.ts";

/** Joins two strings of one member. */
export type Join = (known: string, text: string, name: string) => string;

export const keepLast: Join = (known, text) => text || known;

/** Members that a server sends once or repeatedly, but never in pieces. */
const UNSPLIT: ReadonlySet<string> = new Set(["role", "id", "type", "name"]);

export const concatenate: Join = (known, text, name) => {
  if (UNSPLIT.has(name)) return keepLast(known, text, name);
  if (name === "data" && known.endsWith("=")) return joinBase64(known, text);
  return known + text;
};

/** Merges a piece into `whole` without modifying the piece. Lists are appended; empty values replace nothing. */
export function merge(whole: Members, piece: Members, join: Join): Members {
  for (const [name, value] of Object.entries(piece)) {
    whole[name] =
      name === "tool_calls" && Array.isArray(value)
        ? mergeCalls(whole[name], membersOf(value), join)
        : merged(whole[name], value, name, join);
  }
  return whole;
}

function merged(known: unknown, value: unknown, name: string, join: Join): unknown {
  if (typeof known === "string" && typeof value === "string") return join(known, value, name);
  if (isMembers(value)) return merge(isMembers(known) ? known : emptyMembers(), value, join);
  if (Array.isArray(value)) return append(Array.isArray(known) ? known : [], value);
  return known === undefined || !isEmpty(value) ? value : known;
}

/** Merges the pieces of tool calls. A call keeps its first `index`, by which its other pieces find it. */
function mergeCalls(known: unknown, pieces: readonly Members[], join: Join): Members[] {
  const calls = Array.isArray(known) ? (known as Members[]) : [];
  for (const piece of pieces) {
    const call = callToContinue(calls, piece);
    if (call === undefined) calls.push(merge(emptyMembers(), piece, join));
    else merge(call, isEmpty(call.index) ? piece : { ...piece, index: call.index }, join);
  }
  return calls;
}

function append(list: unknown[], items: readonly unknown[]): unknown[] {
  for (const item of items) list.push(item);
  return list;
}

/** Base64 pieces of audio cannot be concatenated as text if one ends with padding. */
function joinBase64(known: string, text: string): string {
  return Buffer.concat([Buffer.from(known, "base64"), Buffer.from(text, "base64")]).toString("base64");
}
