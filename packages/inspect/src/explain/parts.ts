import type { JsonObject, JsonValue, KeyFacts } from "@remem/core";

/** What is keyed, in the parts by which requests are alike. */
export interface Parts {
  readonly messages: readonly JsonObject[];
  readonly tools: readonly JsonValue[];
  /** All other members. */
  readonly parameters: JsonObject;
  readonly facts: KeyFacts;
}

/** `unkeyed` members are left out. */
export function partsOf(request: JsonObject, facts: KeyFacts, unkeyed: ReadonlySet<string>): Parts {
  const { messages, tools, ...others } = request;
  const parameters: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined && !unkeyed.has(name)) parameters[name] = value;
  }
  if (messages !== undefined && !Array.isArray(messages)) parameters.messages = messages;
  if (tools !== undefined && !Array.isArray(tools)) parameters.tools = tools;
  return {
    messages: Array.isArray(messages) ? (messages as JsonObject[]) : [],
    tools: Array.isArray(tools) ? (tools as JsonValue[]) : [],
    parameters,
    facts,
  };
}

/** The text of a message: its content, and whatever else it has as JSON. */
export function textIn(message: JsonValue | undefined): string {
  if (typeof message !== "object" || message === null || Array.isArray(message)) return JSON.stringify(message ?? "");
  const { content } = message as JsonObject;
  return typeof content === "string" ? content : JSON.stringify(message);
}
