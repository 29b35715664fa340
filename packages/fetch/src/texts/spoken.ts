import { isMembers, type JsonValue, type Members, type MessageText } from "@remem/core/plugin";

/** One part of a message: a text, a reasoning, a call of a tool, or any other part, which is shown as JSON. */
export type Piece =
  | { readonly text: string }
  | { readonly reasoning: string }
  | { readonly call: string; readonly with: unknown }
  | { readonly json: unknown };

/**
 * Assembles a message. A server may split the text of an answer anywhere, so its pieces are joined directly. Each text of a
 * caller is a line of its own.
 */
export function spoken(role: unknown, pieces: readonly Piece[], isAnswer = false): MessageText {
  const texts: string[] = [];
  const reasoning: string[] = [];
  const toolCalls: Array<{ readonly name: string; readonly arguments: string }> = [];
  let canGoOn = false;
  for (const piece of pieces) {
    if ("call" in piece) toolCalls.push({ name: piece.call, arguments: asText(piece.with) });
    else if ("reasoning" in piece) reasoning.push(piece.reasoning);
    else {
      const text = "text" in piece ? piece.text : JSON.stringify(piece.json);
      if (text === "") continue;
      if (canGoOn && "text" in piece) texts.push(`${texts.pop()}${text}`);
      else texts.push(text);
      canGoOn = isAnswer && "text" in piece;
    }
  }
  const thought = reasoning.filter((text) => text !== "").join("\n");
  return {
    role: typeof role === "string" ? role : "",
    text: texts.join("\n"),
    ...(thought !== "" && { reasoning: thought }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}

/** The messages of a member that is a text, or a list of texts and other values, such as a prompt. */
export function spokenEach(role: string, value: JsonValue | undefined): MessageText[] {
  const items = Array.isArray(value) && value.some((item) => typeof item !== "number") ? value : [value];
  return items.filter((item) => item !== undefined && item !== null).map((item) => ({ role, text: asText(item) }));
}

/** The parts of a content: one for a text, each item of a list, and none if there is no content. */
export function partsOf(content: unknown, pieceOf: (part: Members) => Piece): Piece[] {
  if (content === undefined || content === null) return [];
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  return parts.map((part) =>
    typeof part === "string" ? { text: part } : isMembers(part) ? pieceOf(part) : { json: part },
  );
}

/** A text as it is, and any other value as JSON. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
