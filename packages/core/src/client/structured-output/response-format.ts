import { InvalidRequestError } from "../../errors/errors.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { plainJson } from "../../json/plain-json.ts";
import { isStandardSchema, type JsonSchema, type ResponseSchema, type StandardSchema } from "./schema.ts";
import { canBeStrict, closed } from "./strict-schema.ts";

/**
 * The formats of libraries' schemas: a library takes longer to write one than a hit takes. A plain JSON Schema may change in
 * place.
 */
const formats = new WeakMap<object, JsonObject>();

/**
 * Returns the `response_format` for a schema: `json_schema`, strict if OpenAI accepts it as strict. It is JSON mode if the
 * library cannot express the schema as JSON Schema, such as valibot without `toStandardJsonSchema`, or a type that JSON
 * lacks.
 */
export function responseFormat(schema: ResponseSchema): JsonObject {
  if (!isStandardSchema(schema)) return jsonSchemaFormat(plain(schema));
  const known = formats.get(schema);
  if (known !== undefined) return known;
  const json = asJsonSchema(schema);
  const format: JsonObject = json === undefined ? { type: "json_object" } : jsonSchemaFormat(json);
  formats.set(schema, format);
  return format;
}

function asJsonSchema(schema: StandardSchema): JsonObject | undefined {
  let written: object | undefined;
  try {
    written = schema["~standard"].jsonSchema?.input({ target: "draft-2020-12" });
  } catch {
    return undefined; // The library cannot express the schema as JSON Schema.
  }
  return written === undefined ? undefined : (closed(plain(written as JsonSchema)) as JsonObject);
}

function plain(schema: JsonSchema): JsonObject {
  try {
    return plainJson(schema) as JsonObject;
  } catch (cause) {
    throw new InvalidRequestError("/response_format", "cannot be made: `schema` is not plain JSON.", cause);
  }
}

function jsonSchemaFormat(schema: JsonObject): JsonObject {
  const { $schema: _, ...sent } = schema;
  const strict = canBeStrict(sent);
  return { type: "json_schema", json_schema: { name: nameOf(schema), schema: sent, ...(strict && { strict }) } };
}

/** OpenAI takes letters, digits, `_` and `-`, at most 64. */
function nameOf({ title }: JsonObject): string {
  const name = typeof title === "string" ? title.replaceAll(/[^\w-]+/g, "_").replaceAll(/^_+|_+$/g, "") : "";
  return name.slice(0, 64) || "answer";
}
