import type { ChatChoice, ChatCompletion, JsonValue } from "@remem/core/plugin";
import { isObject, type JsonObject, listOf, objectOf, textOf } from "../json.ts";
import { tokensOf } from "./tokens.ts";

/**
 * Splits the answer into server-sent events that add up to it. The choices take turns. The results of Azure's filter for the
 * prompt come first, in their own chunk.
 */
export function eventsOf(
  { choices, usage, prompt_filter_results, ...envelope }: ChatCompletion,
  { includeUsage }: { readonly includeUsage: boolean },
): string {
  function chunk(choices: readonly JsonObject[], usage: unknown = null): object {
    return { ...envelope, object: "chat.completion.chunk", choices, ...(includeUsage && { usage }) };
  }
  const pieces = choices.map(piecesOf);
  const turns = Array.from({ length: Math.max(...pieces.map(({ length }) => length)) }, (_, turn) =>
    pieces.map((all) => all[turn]).filter((piece) => piece !== undefined),
  );
  const chunks = turns.flat().map((piece) => chunk([piece]));
  if (prompt_filter_results !== undefined) {
    chunks.unshift({ id: "", object: "", created: 0, model: "", choices: [], prompt_filter_results });
  }
  if (includeUsage) chunks.push(chunk([], usage));
  return [...chunks.map((one) => JSON.stringify(one)), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");
}

/** The role, then text and calls token by token, then the finish reason. */
function piecesOf(choice: ChatChoice): JsonObject[] {
  const { message, finish_reason, ...rest } = choice as JsonObject;
  const { role, content, refusal = null, tool_calls } = objectOf(message);
  const deltas = [
    { role, content: content === null ? null : "", refusal },
    ...tokensOf(textOf(content)).map((token) => ({ content: token })),
    ...listOf(tool_calls).filter(isObject).flatMap(callPieces),
  ];
  return [...deltas.map((delta) => ({ ...rest, delta, finish_reason: null })), { ...rest, delta: {}, finish_reason }];
}

/** A call's id, type and name once, then its input in pieces. The input is text for both types of call. */
function callPieces(call: JsonObject, index: number): JsonObject[] {
  const [member, input] = call.type === "custom" ? ["custom", "input"] : ["function", "arguments"];
  const called = objectOf(call[member]);
  function piece(delta: JsonObject): JsonObject {
    return { tool_calls: [{ index, ...delta }] as JsonValue };
  }
  return [
    piece({ ...call, [member]: { ...called, [input]: "" } }),
    ...tokensOf(textOf(called[input])).map((token) => piece({ [member]: { [input]: token } })),
  ];
}
