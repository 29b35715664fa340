import { isMembers, type Members, type MessageText, membersOf, type SurfaceTexts } from "@remem/core/plugin";
import { asText, type Piece, spoken, spokenEach } from "./spoken.ts";

/** How Ollama's chat reads as a conversation. */
export const ollamaChatTexts: SurfaceTexts = {
  said: ["messages"],
  messages: ({ messages }) => membersOf(messages).map((message) => messageText(message)),
  choices: ({ message }) => [messageText(isMembers(message) ? message : {}, "assistant")],
};

/** How Ollama's completion of a prompt reads as a conversation. */
export const ollamaGenerateTexts: SurfaceTexts = {
  said: ["system", "prompt"],
  messages: ({ system, prompt }) => [
    ...(system === undefined || system === "" ? [] : spokenEach("system", system)),
    ...spokenEach("user", prompt),
  ],
  choices: ({ response, thinking }) => [messageText({ content: response, thinking }, "assistant")],
};

function messageText(message: Members, usual?: string): MessageText {
  const { role = usual, content, thinking, images, tool_calls: calls } = message;
  const pieces: Piece[] = [{ text: content === undefined ? "" : asText(content) }];
  if (typeof thinking === "string") pieces.push({ reasoning: thinking });
  if (Array.isArray(images) && images.length > 0) pieces.push({ json: { images } });
  for (const call of membersOf(calls)) {
    const { name, arguments: given } = isMembers(call.function) ? call.function : {};
    pieces.push({ call: asText(name), with: given });
  }
  return spoken(role, pieces);
}
