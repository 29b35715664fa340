import type { ChatChoice, ChatCompletion, ChatRequest } from "./chat-completion.ts";
import { withoutFence } from "./json-fence.ts";

/** Whether the answer is text that is meant to be JSON. */
export function isJsonMode(request: ChatRequest): boolean {
  const type = request.response_format?.type;
  return type === "json_object" || type === "json_schema";
}

/**
 * What is stored by default: complete, usable answers. Each choice has a `finish_reason` and something to use; it was
 * not filtered, nor cut off by a limit that the request did not set itself; in JSON mode its text parses.
 */
export function defaultAdmit(completion: ChatCompletion, request: ChatRequest): boolean {
  return completion.choices.every((choice) => isComplete(choice, request) && isUsable(choice, request));
}

/** "error" is what OpenRouter says of an answer whose model failed half-way. */
const UNFINISHED = ["", "content_filter", "error"];

function isComplete({ finish_reason }: ChatChoice, request: ChatRequest): boolean {
  if (finish_reason === "length") {
    return (request.max_tokens ?? request.max_completion_tokens ?? undefined) !== undefined;
  }
  return typeof finish_reason === "string" && !UNFINISHED.includes(finish_reason);
}

function isUsable({ message }: ChatChoice, request: ChatRequest): boolean {
  const { content, refusal, tool_calls: toolCalls, function_call: functionCall, audio } = message;
  if (typeof content === "string" && content !== "") return !isJsonMode(request) || parses(content);
  return Boolean(refusal || functionCall || audio) || isFilled(toolCalls) || isFilled(content);
}

function isFilled(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}

function parses(content: string): boolean {
  try {
    JSON.parse(withoutFence(content));
    return true;
  } catch {
    return false;
  }
}
