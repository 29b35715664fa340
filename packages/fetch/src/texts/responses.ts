import { isMembers, type JsonObject, type Members, type MessageText, type SurfaceTexts } from "@remem/core/plugin";
import { asText, type Piece, partsOf, spoken } from "./spoken.ts";

/** How OpenAI's Responses read as a conversation. */
export const responsesTexts: SurfaceTexts<JsonObject, JsonObject & { readonly output: readonly JsonObject[] }> = {
  said: ["instructions", "input"],
  messages({ instructions, input }) {
    const items: readonly unknown[] = Array.isArray(input) ? input : input === undefined ? [] : [input];
    const isInstructed = instructions !== undefined && instructions !== null;
    return [
      ...(isInstructed ? [spoken("system", partsOf(instructions, itemPiece))] : []),
      ...items.map((item) => (isMembers(item) ? itemText(item) : spoken("user", partsOf(item, partPiece)))),
    ];
  },
  choices: ({ output }) => [spoken("assistant", output.flatMap(itemPieces), true)],
};

function itemText(item: Members): MessageText {
  const { role, type } = item;
  const isResult = /_output$/.test(String(type));
  return spoken(
    isResult ? "tool" : (role ?? "assistant"),
    isResult ? partsOf(item.output, partPiece) : itemPieces(item),
  );
}

/** The pieces of an item of the input or of the output. */
function itemPieces(item: Members): Piece[] {
  const { type, content, summary } = item;
  if (type === "reasoning") {
    const thoughts = [...partsOf(summary, partPiece), ...partsOf(content, partPiece)];
    return thoughts.map((piece) => ("text" in piece ? { reasoning: piece.text } : piece));
  }
  const isMessage = type === "message" || (type === undefined && content !== undefined);
  return isMessage ? partsOf(content, partPiece) : [itemPiece(item)];
}

function itemPiece(item: Members): Piece {
  const { type, name, arguments: given, input } = item;
  if (type === "function_call") return { call: asText(name), with: given };
  return type === "custom_tool_call" ? { call: asText(name), with: input } : { json: item };
}

function partPiece(part: Members): Piece {
  const text = part.text ?? part.refusal;
  return typeof text === "string" ? { text } : { json: part };
}
