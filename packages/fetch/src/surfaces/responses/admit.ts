import { type JsonObject, membersOf, withoutFence } from "@remem/core/plugin";
import { isGiven, isText, parses } from "../../json/members.ts";
import type { ModelResponse } from "../responses.ts";

/** Calls that the caller executes. */
const CALLS: ReadonlySet<unknown> = new Set([
  "function_call",
  "custom_tool_call",
  "local_shell_call",
  "apply_patch_call",
  "computer_call",
]);
/** Other items that the model itself writes. */
const OTHERS: ReadonlySet<unknown> = new Set(["message", "reasoning", "compaction"]);

/** Returns why a response is not stored; `undefined` if it is. */
export function whyResponseNotAdmitted(response: ModelResponse, request: JsonObject): string | undefined {
  const { status, output, incomplete_details: details } = response;
  const isOwnLimit = details?.reason === "max_output_tokens" && isGiven(request.max_output_tokens);
  if (status !== "completed" && !(status === "incomplete" && isOwnLimit)) return "finish-reason";
  if (output.some(({ type }) => !CALLS.has(type) && !OTHERS.has(type))) return "server-tool";
  const calls = output.filter(({ type }) => CALLS.has(type));
  if (calls.length > 0) return calls.every(isCall) ? undefined : "invalid-tool-call";
  const parts = output.flatMap(({ type, content }) => (type === "message" ? membersOf(content) : []));
  const text = parts.map((part) => (part.type === "output_text" ? part.text : "")).join("");
  if (isText(text)) return isJsonMode(request) && !parses(withoutFence(text)) ? "invalid-json" : undefined;
  return parts.some(({ refusal }) => isText(refusal)) ? undefined : "no-content";
}

/** Whether the call of a function has a name and arguments that are JSON. The input of other calls is free. */
function isCall({ type, name, arguments: given }: JsonObject): boolean {
  if (type !== "function_call") return true;
  return isText(name) && typeof given === "string" && (given.trim() === "" || parses(given));
}

function isJsonMode({ text }: JsonObject): boolean {
  const format = (text as { format?: { type?: unknown } | null } | null | undefined)?.format;
  return format?.type === "json_schema" || format?.type === "json_object";
}
