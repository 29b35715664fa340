import { type JsonObject, type Members, type MessageText, membersOf, type SurfaceTexts } from "@remem/core/plugin";
import { asText, type Piece, partsOf, spoken } from "./spoken.ts";

/** How Anthropic's Messages read as a conversation. */
export const messagesTexts: SurfaceTexts<JsonObject, JsonObject & { readonly content: readonly JsonObject[] }> = {
  said: ["system", "messages"],
  messages({ system, messages }) {
    const instructions = partsOf(system, blockPiece);
    return [
      ...(instructions.length > 0 ? [spoken("system", instructions)] : []),
      ...membersOf(messages).flatMap(messageTexts),
    ];
  },
  choices: ({ role = "assistant", content }) => [spoken(role, partsOf(content, blockPiece), true)],
};

/** The user's message has the results of tools beside what the user says. */
function messageTexts({ role, content }: Members): MessageText[] {
  const results = membersOf(content).filter(({ type }) => type === "tool_result");
  const tools = results.map((result) => spoken("tool", resultPieces(result)));
  const others = Array.isArray(content) ? content.filter((block) => !results.includes(block)) : content;
  const isAllResults = tools.length > 0 && Array.isArray(others) && others.length === 0;
  return isAllResults ? tools : [...tools, spoken(role, partsOf(others, blockPiece))];
}

function resultPieces({ content, ...result }: Members): Piece[] {
  return content === undefined ? [{ json: result }] : partsOf(content, blockPiece);
}

function blockPiece(block: Members): Piece {
  const { type, text, thinking, name, input } = block;
  if (type === "text" && typeof text === "string") return { text };
  if (type === "thinking" && typeof thinking === "string") return { reasoning: thinking };
  return type === "tool_use" ? { call: asText(name), with: input } : { json: block };
}
