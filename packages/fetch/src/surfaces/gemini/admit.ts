import { isMembers, type JsonObject, type Members, membersOf, withoutFence } from "@remem/core/plugin";
import { countOf, isText, parses } from "../../json/members.ts";
import type { GeminiAnswer } from "../gemini.ts";
import { eitherCase } from "./passes.ts";

/** Returns why an answer is not stored; `undefined` if it is. */
export function whyGeminiNotAdmitted({ candidates = [] }: GeminiAnswer, request: JsonObject): string | undefined {
  if (candidates.length === 0) return "no-content";
  const config = eitherCase(request, "generationConfig");
  const isLimited = countOf(eitherCase(config, "maxOutputTokens")) > 0;
  const isJsonMode = eitherCase(config, "responseMimeType") === "application/json";
  for (const candidate of candidates) {
    const { finishReason } = candidate;
    if (finishReason !== "STOP" && !(finishReason === "MAX_TOKENS" && isLimited)) return "finish-reason";
    const problem = problemOf(candidate, isJsonMode);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Members that the server's tools add to an answer. */
const OF_THE_SERVER = ["groundingMetadata", "urlContextMetadata", "executableCode", "codeExecutionResult"];

function problemOf(candidate: JsonObject, isJsonMode: boolean): string | undefined {
  const { content } = candidate;
  const parts = membersOf(isMembers(content) ? content.parts : undefined);
  if ([candidate, ...parts].some((one) => OF_THE_SERVER.some((name) => isFilled(one[name])))) return "server-tool";
  const calls = parts.filter(({ functionCall }) => functionCall !== undefined);
  if (calls.length > 0) return calls.every(isCall) ? undefined : "invalid-tool-call";
  const said = parts.filter(({ thought }) => thought !== true);
  const text = said.map((part) => (typeof part.text === "string" ? part.text : "")).join("");
  if (isText(text)) return isJsonMode && !parses(withoutFence(text)) ? "invalid-json" : undefined;
  return said.some(({ inlineData }) => isMembers(inlineData) && isText(inlineData.data)) ? undefined : "no-content";
}

function isCall({ functionCall: call }: Members): boolean {
  return isMembers(call) && isText(call.name) && (call.args === undefined || isMembers(call.args));
}

/** Whether a member is not empty. Servers send empty metadata if there was no grounding. */
function isFilled(value: unknown): boolean {
  return isMembers(value) && Object.keys(value).length > 0;
}
