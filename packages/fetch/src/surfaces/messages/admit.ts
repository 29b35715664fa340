import { isMembers, type JsonObject, withoutFence } from "@remem/core/plugin";
import { isText, parses } from "../../json/members.ts";
import type { Message } from "../messages.ts";

/** The stop reasons of complete answers. The limit is always the caller's own, because `max_tokens` is required. */
const WHOLE: ReadonlySet<unknown> = new Set(["end_turn", "tool_use", "stop_sequence", "max_tokens"]);
/** Blocks that the model itself writes. All others come from the server's tools. */
const BLOCKS: ReadonlySet<unknown> = new Set(["text", "thinking", "redacted_thinking", "tool_use"]);

/** Returns why a message is not stored; `undefined` if it is. */
export function whyMessageNotAdmitted({ content, stop_reason }: Message, request: JsonObject): string | undefined {
  if (!WHOLE.has(stop_reason)) return "finish-reason";
  if (content.some(({ type }) => !BLOCKS.has(type))) return "server-tool";
  const calls = content.filter(({ type }) => type === "tool_use");
  if (calls.length > 0) return calls.every(isCall) ? undefined : "invalid-tool-call";
  const text = content.map((block) => (block.type === "text" ? block.text : "")).join("");
  if (!isText(text)) return "no-content";
  return isJsonMode(request) && !parses(withoutFence(text)) ? "invalid-json" : undefined;
}

/** Whether a call has a name and arguments. Arguments that were cut off are not an object. */
function isCall({ name, input }: JsonObject): boolean {
  return isText(name) && isMembers(input);
}

/** `output_format` is the older form. */
function isJsonMode({ output_config: config, output_format: older }: JsonObject): boolean {
  const format = (isMembers(config) ? config.format : undefined) ?? older;
  return isMembers(format) && format.type === "json_schema";
}
