import type { JsonValue } from "remem";

/** The members of a JSON object. */
export type Members = { readonly [name: string]: JsonValue | undefined };

export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number that `JSON.stringify` writes as this text. `JSON.rawJSON` is newer than TypeScript's declarations. */
export function rawNumber(text: string): JsonValue {
  return (JSON as unknown as { rawJSON(text: string): JsonValue }).rawJSON(text);
}
