import type { ChatChoice, ChatCompletion, ChatRequest } from "../chat-completion.ts";
import { finishKind } from "../servers/finish-reasons.ts";
import { isBlank } from "../servers/is-blank.ts";
import { isTextOrThinking, textOf } from "../servers/message-text.ts";
import { withoutFence } from "./json-fence.ts";

/** Whether the request asks for an answer in JSON. */
export function isJsonMode(request: ChatRequest): boolean {
  const type = request.response_format?.type;
  return type === "json_object" || type === "json_schema";
}

/** Why an answer is not stored by default. */
export type NotAdmittedReason = "finish-reason" | "no-content" | "invalid-tool-call" | "invalid-json";

/**
 * Accepts complete and usable answers. Each choice has ended as a complete answer, or at the limit of the request itself. It is
 * not empty. The arguments of its tool calls are JSON, and in JSON mode its text is JSON.
 */
export function defaultAdmit(completion: ChatCompletion, request: ChatRequest): boolean {
  return whyNotAdmitted(completion, request) === undefined;
}

/** Returns why `defaultAdmit` refuses an answer, or `undefined` if it accepts it. */
export function whyNotAdmitted(completion: ChatCompletion, request: ChatRequest): NotAdmittedReason | undefined {
  for (const choice of completion.choices) {
    if (!isComplete(choice, completion, request)) return "finish-reason";
    const problem = problemOf(choice, request);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isComplete(choice: ChatChoice, completion: ChatCompletion, request: ChatRequest): boolean {
  const { finish_reason, error, native_finish_reason: native } = choice;
  if (!isBlank(error) || native === "error") return false; // The model failed half-way (OpenRouter).
  const kind = finishKind(finish_reason);
  return kind === "whole" || (kind === "limit" && isOwnLimit(completion, request));
}

/**
 * Whether the request's own limit has cut off each choice that was cut off. A server may also cut it off because the model's
 * window is full. Some servers count the reasoning only in the total. If an answer has no usage, its finish reason decides.
 */
function isOwnLimit({ choices, usage }: ChatCompletion, request: ChatRequest): boolean {
  const limits = [request.max_completion_tokens, request.max_tokens].filter((limit) => limit && limit > 0) as number[];
  if (limits.length === 0) return false;
  const { completion_tokens: completion, prompt_tokens: prompt, total_tokens: total } = usage ?? {};
  const counts = [Number(completion), Number(total) - Number(prompt)].filter((count) => count > 0);
  const cut = choices.filter(({ finish_reason }) => finishKind(finish_reason) === "limit").length;
  return counts.length === 0 || Math.max(...counts) >= cut * Math.min(...limits);
}

function problemOf({ message }: ChatChoice, request: ChatRequest): NotAdmittedReason | undefined {
  const { content, refusal, tool_calls: toolCalls, function_call: functionCall, audio, images } = message;
  const calls: unknown[] = Array.isArray(toolCalls) ? [...toolCalls] : [];
  // Some servers send an empty `function_call` with every text.
  if (!isBlank(functionCall)) calls.push({ function: functionCall });
  if (calls.length > 0) return calls.every(isToolCall) ? undefined : "invalid-tool-call";
  const text = textOf(content);
  if (isText(text)) return isJsonMode(request) && !parses(withoutFence(text)) ? "invalid-json" : undefined;
  const hasAudio = isText((audio as { data?: unknown } | null | undefined)?.data);
  return isText(refusal) || hasAudio || isMedia(images) || isMedia(content) ? undefined : "no-content";
}

/** Whether the call names a tool and, for a function, has JSON arguments. Some servers leave out empty arguments. */
function isToolCall(call: unknown): boolean {
  const { type = "function", ...rest } = (call ?? {}) as Record<string, unknown>;
  const called = (rest[String(type)] ?? rest.function ?? rest) as Record<string, unknown>;
  if (!isText(called.name)) return false;
  const { arguments: given } = called as { arguments?: unknown };
  return typeof given !== "string" || given.trim() === "" || parses(given);
}

/** Whether a list has images or other media, which are content without any text. */
function isMedia(list: unknown): boolean {
  if (!Array.isArray(list)) return false;
  return list.some((part) => {
    if (typeof part !== "object" || part === null) return isText(part);
    const { type, ...rest } = part as Record<string, unknown>;
    return !isTextOrThinking(type) && Object.values(rest).some((value) => isText(value) || isFilled(value));
  });
}

function isFilled(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).some(isText);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function parses(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
