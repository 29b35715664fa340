import type { JsonValue } from "@remem/core/plugin";

export type JsonObject = { readonly [member: string]: JsonValue | undefined };

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// A member of the wrong type counts as missing.
export function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
export function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
export function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** Serializes with sorted members, so that their order does not matter. */
export function sortedJson(value: JsonValue): string {
  return JSON.stringify(value, (_, member: JsonValue) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).sort(byName)) : member,
  );
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
