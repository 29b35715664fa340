import { type JsonObject, membersOf } from "@remem/core/plugin";
import { isGiven } from "../../json/members.ts";
import { someObject } from "../../json/omit-nested.ts";
import { toolName } from "../tool-name.ts";

/** Tools that the caller runs. The server runs all others, and their results change. */
const OF_THE_CALLER = /^(?:function|custom|namespace|local_shell|apply_patch|computer.*)$/;

/** Returns why a request passes through: it refers to data on the server, or has tools that the server runs. */
export function passesThrough(body: JsonObject): string | undefined {
  for (const name of ["previous_response_id", "conversation", "background"]) if (isGiven(body[name])) return name;
  const { input, prompt, tools } = body;
  if (isGiven(prompt) && !isGiven((prompt as JsonObject).version)) return "prompt without version";
  if (membersOf(input).some(isReference)) return "item_reference";
  if (someObject([input, prompt], ({ file_id }) => isGiven(file_id))) return "file_id";
  // Items of type `additional_tools` bring tools, too.
  return serverTool([...membersOf(tools), ...membersOf(input).flatMap((item) => membersOf(item.tools))]);
}

/** A reference needs no type. */
function isReference({ type, role, id }: { [member: string]: unknown }): boolean {
  return type === "item_reference" || (!isGiven(type) && !isGiven(role) && isGiven(id));
}

function serverTool(tools: ReadonlyArray<{ readonly [member: string]: unknown }>): string | undefined {
  for (const { type, tools: nested } of tools) {
    if (typeof type !== "string" || !OF_THE_CALLER.test(type)) return toolName(type);
    const reason = serverTool(membersOf(nested));
    if (reason !== undefined) return reason;
  }
  return undefined;
}
