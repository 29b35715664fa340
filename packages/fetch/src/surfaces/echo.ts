import { isMembers, type JsonObject, type JsonValue } from "@remem/core/plugin";

/** Members of an answer that identify the caller. */
const OF_THE_CALLER = ["metadata", "user", "safety_identifier", "prompt_cache_key"];
/** Members that the server sets if the request lacks them. */
const SETTINGS = ["prompt_cache_retention", "store", "service_tier"];

/** An answer of OpenAI's, in which the members that repeat the request come from this body. */
export function echoed(answer: JsonObject, body: JsonObject): JsonObject {
  const own: { [name: string]: JsonValue } = {};
  for (const name of OF_THE_CALLER) {
    if (answer[name] !== undefined) own[name] = body[name] ?? (isMembers(answer[name]) ? {} : null);
  }
  for (const name of SETTINGS) {
    const value = body[name];
    if (answer[name] !== undefined && value !== undefined && value !== null && value !== "auto") own[name] = value;
  }
  return { ...answer, ...own };
}

/** An error as OpenAI and compatible servers write it. */
export function openaiError(message: string, code: string): JsonObject {
  return { error: { message, type: "invalid_request_error", param: null, code } };
}
