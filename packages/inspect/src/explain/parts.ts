import { chatSurface, type JsonObject, type JsonValue, type KeyFacts } from "@remem/core";
import { type InspectOptions, surfacesOf } from "../surfaces.ts";

/** The keyed data, in the parts by which requests are compared. */
export interface Parts {
  /** The messages, instructions and prompts, in the order of the conversation. */
  readonly messages: readonly JsonValue[];
  /** The same as members of the request. */
  readonly said: JsonObject;
  readonly tools: readonly JsonValue[];
  /** All other members. */
  readonly parameters: JsonObject;
  readonly facts: KeyFacts;
}

/** Makes a function that takes requests apart as their surfaces define it. */
export function partsMaker(options: InspectOptions): (request: JsonObject, facts: KeyFacts) => Parts {
  const surfaces = surfacesOf(options);
  return (request, facts) => {
    const surface = surfaces.get(facts.surface ?? chatSurface.name);
    return partsOf(request, facts, surface?.unkeyed ?? NONE, surface?.texts?.said ?? USUAL);
  };
}

const NONE: ReadonlySet<string> = new Set();
/** The members that contain the conversation in most APIs. */
const USUAL: readonly string[] = ["messages"];

/** `unkeyed` members are left out. */
function partsOf(
  request: JsonObject,
  facts: KeyFacts,
  unkeyed: ReadonlySet<string>,
  saidNames: readonly string[],
): Parts {
  const said: Record<string, JsonValue> = {};
  const parameters: Record<string, JsonValue> = {};
  const messages: JsonValue[] = [];
  for (const name of saidNames) {
    const value = request[name];
    if (value === undefined || value === null || unkeyed.has(name)) continue;
    said[name] = value;
    if (Array.isArray(value)) for (const message of value as readonly JsonValue[]) messages.push(message);
    else messages.push(value);
  }
  const { tools, ...others } = request;
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined && !Object.hasOwn(said, name) && !unkeyed.has(name)) parameters[name] = value;
  }
  if (tools !== undefined && !Array.isArray(tools)) parameters.tools = tools;
  return { messages, said, tools: Array.isArray(tools) ? (tools as JsonValue[]) : [], parameters, facts };
}

/** The text of a message: its content, and all other members as JSON. */
export function textIn(message: JsonValue | undefined): string {
  if (typeof message === "string") return message;
  if (typeof message !== "object" || message === null || Array.isArray(message)) return JSON.stringify(message ?? "");
  const { content } = message as JsonObject;
  return typeof content === "string" ? content : JSON.stringify(message);
}
