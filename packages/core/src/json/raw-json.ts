import type { JsonValue } from "./json-value.ts";

/** A value of `JSON.rawJSON`: a text that `JSON.stringify` writes as it is. It is newer than TypeScript's declarations. */
export interface RawJson {
  readonly rawJSON: string;
}

const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): boolean;
};

export function isRawJson(value: object): value is RawJson {
  return isRawJSON(value);
}

const LONG_NUMBER = /\d{16}/;

/**
 * Parses JSON. A whole number that JavaScript would round is kept as an opaque value (`JSON.rawJSON`) that a request may hold:
 * it is keyed and sent digit by digit.
 * @throws {SyntaxError}
 */
export function parseJson(text: string): JsonValue {
  return JSON.parse(text, LONG_NUMBER.test(text) ? keepDigits : undefined);
}

/** A reviver. Its third argument is newer than TypeScript's declarations. */
function keepDigits(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) return value;
  return /^-?\d+$/.test(source) ? rawJSON(source) : value;
}
