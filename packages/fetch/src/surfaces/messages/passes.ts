import { type JsonObject, membersOf } from "@remem/core/plugin";
import { isGiven } from "../../json/members.ts";
import { someObject } from "../../json/omit-nested.ts";
import { toolName } from "../tool-name.ts";

/** Members that refer to data on the server, or make it do more than answer. */
const OF_THE_SERVER = ["thread", "previous_message_id", "container", "mcp_servers", "compaction", "fallbacks"];

/** Tools that the caller runs. The server runs all others, and their results change. */
const OF_THE_CALLER = /^(?:custom|(?:bash|text_editor|computer|browser|memory)_.*)$/;

/** Returns why a request passes through. */
export function passesThrough(body: JsonObject): string | undefined {
  for (const name of OF_THE_SERVER) if (isGiven(body[name])) return name;
  if (body.max_tokens === 0) return "max_tokens: 0";
  if (someObject([body.messages, body.system], isFile)) return "file_id";
  const tool = membersOf(body.tools).find(({ type }) => isGiven(type) && !OF_THE_CALLER.test(String(type)));
  return tool === undefined ? undefined : toolName(tool.type);
}

/** Whether this is the source of a block, or a block, that names a file on the server. */
function isFile({ type, file_id: id }: JsonObject): boolean {
  return (type === "file" || type === "container_upload") && isGiven(id);
}
