/** What can be sent and stored as JSON. Members that are `undefined` are not there. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object of JSON. */
export interface JsonObject {
  readonly [member: string]: JsonValue | undefined;
}
