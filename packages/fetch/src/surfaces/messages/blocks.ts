import { isMembers, type JsonObject, type Members, membersOf, wordsOf } from "@remem/core/plugin";

/** Adds a piece to a block, other than one of its input. */
export function addDelta(block: Members, { type, ...piece }: Members): void {
  if (type === "citations_delta") block.citations = [...membersOf(block.citations), piece.citation];
  else if (type === "signature_delta") block.signature = piece.signature;
  else {
    // Texts, and newer kinds of pieces.
    for (const [name, value] of Object.entries(piece)) {
      const known = block[name];
      block[name] = typeof known === "string" && typeof value === "string" ? known + value : value;
    }
  }
}

/** The block with its input parsed. An input that was cut off stays a text. */
export function finishBlock(block: Members, input: string | undefined): Members {
  if (input === undefined || input === "") return block;
  try {
    return { ...block, input: JSON.parse(input) };
  } catch {
    return { ...block, input };
  }
}

/** The events of one block of a message. */
export function* blockEvents(
  block: JsonObject,
  index: number,
  byWord: boolean,
): Generator<JsonObject, void, undefined> {
  const { text, thinking, signature, citations, input } = block;
  const split = (whole: unknown) => {
    if (typeof whole !== "string" || whole === "") return [];
    return byWord ? wordsOf(whole) : [whole];
  };
  const event = (delta: JsonObject) => ({ type: "content_block_delta", index, delta });
  yield { type: "content_block_start", index, content_block: begun(block) };
  for (const piece of split(thinking)) yield event({ type: "thinking_delta", thinking: piece });
  for (const piece of split(text)) yield event({ type: "text_delta", text: piece });
  for (const citation of membersOf(citations)) {
    yield event({ type: "citations_delta", citation: citation as JsonObject });
  }
  if (typeof signature === "string" && signature !== "") yield event({ type: "signature_delta", signature });
  const partial = partialJson(input);
  if (partial !== undefined) yield event({ type: "input_json_delta", partial_json: partial });
  yield { type: "content_block_stop", index };
}

/** The input of a call as text; empty for an empty input. */
function partialJson(input: unknown): string | undefined {
  if (typeof input === "string") return input;
  if (!isMembers(input)) return undefined;
  return Object.keys(input).length === 0 ? "" : JSON.stringify(input);
}

/** The block before its first piece. */
function begun(block: JsonObject): JsonObject {
  const start: { [name: string]: JsonObject[string] } = { ...block };
  for (const name of ["text", "thinking", "signature"]) if (typeof start[name] === "string") start[name] = "";
  if (Array.isArray(start.citations)) start.citations = [];
  if (partialJson(start.input) !== undefined) start.input = {};
  return start;
}
