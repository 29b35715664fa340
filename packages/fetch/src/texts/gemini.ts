import { isMembers, type JsonObject, type Members, type MessageText, type SurfaceTexts } from "@remem/core/plugin";
import { isText } from "../json/members.ts";
import { eitherCase } from "../surfaces/gemini/passes.ts";
import { asText, type Piece, partsOf, spoken } from "./spoken.ts";

/** How Gemini's contents read as a conversation. */
export const geminiTexts: SurfaceTexts<JsonObject, JsonObject & { readonly candidates?: readonly JsonObject[] }> = {
  said: ["systemInstruction", "system_instruction", "contents"],
  messages(request) {
    const instruction = eitherCase(request, "systemInstruction");
    const contents: readonly unknown[] = Array.isArray(request.contents) ? request.contents : [];
    return [
      ...(instruction === undefined || instruction === null ? [] : [contentText(instruction, "system")]),
      ...contents.map((content) => contentText(content)),
    ];
  },
  choices({ candidates, promptFeedback }) {
    if (candidates === undefined) return [spoken("model", [{ json: { promptFeedback } }])];
    return candidates.map(({ content, finishReason }) => ({
      ...spoken("model", piecesOf(content), true),
      ...(isText(finishReason) && { finishReason }),
    }));
  },
};

/** A content without a role is the user's. */
export function contentText(content: unknown, role?: string): MessageText {
  const pieces = piecesOf(content);
  const isResult = isMembers(content) && Array.isArray(content.parts) && content.parts.some(isResponse);
  return spoken(role ?? (isResult ? "tool" : (isMembers(content) && content.role) || "user"), pieces);
}

function piecesOf(content: unknown): Piece[] {
  return partsOf(isMembers(content) && "parts" in content ? content.parts : content, partPiece);
}

function partPiece(part: Members): Piece {
  const { text, thought } = part;
  const call = eitherCase(part, "functionCall");
  if (isMembers(call)) return { call: asText(call.name), with: call.args ?? {} };
  const result = eitherCase(part, "functionResponse");
  if (isMembers(result)) return { json: result.response ?? result };
  if (typeof text !== "string") return { json: part };
  return thought === true ? { reasoning: text } : { text };
}

function isResponse(part: unknown): boolean {
  return isMembers(eitherCase(part, "functionResponse"));
}
