import type { ChatRequest } from "@remem/core/plugin";
import { isObject, type JsonObject, listOf, objectOf, textOf } from "../json.ts";
import { sampleOf } from "./json-sample.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** The tool that the answer calls: the one that the request names, else the first. */
export function chosenTool({ tools, tool_choice: choice, messages }: ChatRequest): JsonObject | undefined {
  const allowed = objectOf(objectOf(choice).allowed_tools);
  const mode = textOf(isObject(choice) ? (allowed.mode ?? "required") : choice) || "auto";
  if (mode === "none") return undefined;
  // A tool's result is answered with text. Otherwise an agent's loop would never end.
  if (mode === "auto" && messages.at(-1)?.role === "tool") return undefined;

  const offered = listOf(tools).filter(isObject);
  const named = nameOf(objectOf(listOf(allowed.tools)[0] ?? choice));
  return offered.find((tool) => nameOf(tool) === named) ?? offered[0];
}

/** The input of the call: arguments that fit a function's parameters, or prose for a custom tool. */
export function inputFor(tool: JsonObject, prose: string, random: SeededRandom): string {
  if (tool.type === "custom") return prose;
  return JSON.stringify(sampleOf(objectOf(tool.function).parameters ?? { type: "object" }, random));
}

export function callOf(tool: JsonObject, id: string, input: string): JsonObject {
  const name = nameOf(tool) ?? "";
  return tool.type === "custom"
    ? { id, type: "custom", custom: { name, input } }
    : { id, type: "function", function: { name, arguments: input } };
}

function nameOf(tool: JsonObject): string | undefined {
  const { name } = objectOf(tool.function ?? tool.custom);
  return typeof name === "string" ? name : undefined;
}
