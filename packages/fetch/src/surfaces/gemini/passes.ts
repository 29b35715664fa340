import { isMembers, type JsonObject, membersOf } from "@remem/core/plugin";
import { isGiven } from "../../json/members.ts";
import { someObject } from "../../json/omit-nested.ts";
import { toolName } from "../tool-name.ts";

/** Returns why a request passes through: it refers to data on the server, or has tools that the server runs. */
export function passesThrough(body: JsonObject): string | undefined {
  for (const name of ["cachedContent", "continuationToken"]) {
    if (isGiven(eitherCase(body, name))) return name;
  }
  if (someObject([body.contents, eitherCase(body, "systemInstruction")], isFile)) return "fileData";
  const tool = membersOf(body.tools)
    .flatMap((tool) => Object.keys(tool).filter((name) => isGiven(tool[name])))
    .find((name) => camelCase(name) !== "functionDeclarations");
  if (tool !== undefined) return toolName(camelCase(tool));
  // The arguments of a call then come in pieces, in a form that only streams have.
  const config = eitherCase(eitherCase(body, "toolConfig"), "functionCallingConfig");
  return isGiven(eitherCase(config, "streamFunctionCallArguments")) ? "streamFunctionCallArguments" : undefined;
}

/** A member by its name in camel case. The server reads it in snake case, too. */
export function eitherCase(members: unknown, name: string): unknown {
  if (!isMembers(members)) return undefined;
  return members[name] ?? members[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Whether this is the data of a file that was uploaded to the server. */
export function isFile(members: JsonObject): boolean {
  const uri = eitherCase(members, "fileUri");
  return typeof uri === "string" && /(?:^|\/)files\//.test(uri);
}
