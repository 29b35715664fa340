import type { ChatMessage, ChatRequest, JsonValue } from "@remem/core/plugin";
import { isObject, type JsonObject, listOf, numberOf } from "../json.ts";
import { completionFor } from "../server/answers.ts";
import { messageError } from "./message-error.ts";

/** The message that answers a request: a text that depends only on the request. */
export function messageFor(params: JsonObject): JsonObject {
  const { stream: _, metadata: __, ...request } = params;
  const messages = listOf(request.messages) as object as ChatMessage[];
  const { id, choices, usage } = completionFor({ ...request, messages } as object as ChatRequest);
  const { message, finish_reason } = choices[0]!;
  return {
    id: `msg_${id.slice("chatcmpl-".length)}`,
    type: "message",
    role: "assistant",
    model: request.model,
    content: [{ type: "text", text: message.content as string }],
    stop_reason: finish_reason === "length" ? "max_tokens" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: usage!.prompt_tokens as number, output_tokens: usage!.completion_tokens as number },
  };
}

/** The error of a request; undefined for a valid one. */
export function invalidMessage(params: JsonValue | undefined): JsonObject | undefined {
  if (!isObject(params)) return messageError(400, "The request must be an object.");
  if (typeof params.model !== "string" || params.model === "") return messageError(400, "model: Field required");
  const messages = listOf(params.messages);
  if (messages.length === 0 || !messages.every((message) => isObject(message) && typeof message.role === "string"))
    return messageError(400, "messages: at least one message is required");
  if (!((numberOf(params.max_tokens) ?? 0) >= 1)) return messageError(400, "max_tokens: Field required");
  return undefined;
}
