/** A value that can be sent and stored as JSON. Members with the value `undefined` are left out. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  readonly [member: string]: JsonValue | undefined;
}
