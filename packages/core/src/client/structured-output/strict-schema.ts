/** The keywords that OpenAI takes in a strict schema. https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
const STRICT_KEYWORDS: ReadonlySet<string> = new Set([
  "$schema",
  "$ref",
  "$defs",
  "$id",
  "definitions",
  "title",
  "description",
  "type",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "anyOf",
  "enum",
  "const",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
]);

/** The values of `format` that OpenAI takes, from the same page. */
const STRICT_FORMATS: ReadonlySet<unknown> = new Set([
  undefined,
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
]);

type Schema = Readonly<Record<string, unknown>>;

/** Keywords whose value is a schema, a list of them, or an object of them by name. */
const ONE = ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"];
const LISTED = ["anyOf", "oneOf", "allOf", "prefixItems"];
const NAMED = ["properties", "$defs", "definitions", "patternProperties", "dependentSchemas"];

/**
 * Returns the schema with `additionalProperties: false` in each object that has named properties and leaves the keyword out.
 * Libraries leave it out, because they ignore unknown properties.
 */
export function closed(schema: unknown): unknown {
  if (!isSchema(schema)) return schema;
  const copy: Record<string, unknown> = { ...schema };
  for (const keyword of ONE) if (keyword in copy) copy[keyword] = closed(copy[keyword]);
  for (const keyword of LISTED) if (Array.isArray(copy[keyword])) copy[keyword] = copy[keyword].map(closed);
  for (const keyword of NAMED) {
    const named = copy[keyword];
    if (!isSchema(named)) continue;
    copy[keyword] = Object.fromEntries(Object.entries(named).map(([name, value]) => [name, closed(value)]));
  }
  if (isSchema(copy.properties) && !("additionalProperties" in copy) && !isCombined(copy)) {
    copy.additionalProperties = false;
  }
  return copy;
}

/** Whether other parts of the schema name properties: closing one part of `allOf` would refuse the properties of the others. */
function isCombined(schema: Schema): boolean {
  return ["allOf", "anyOf", "oneOf", "patternProperties", "if", "dependentSchemas"].some(
    (keyword) => keyword in schema,
  );
}

/**
 * Whether OpenAI accepts the schema as strict: it knows the keywords, and each object requires all its properties and allows
 * no others.
 */
export function canBeStrict(schema: unknown): boolean {
  return isSchema(schema) && schema.type === "object" && isStrict(schema);
}

function isStrict(schema: unknown): boolean {
  if (!isSchema(schema)) return false;
  if (!Object.keys(schema).every((keyword) => STRICT_KEYWORDS.has(keyword))) return false;
  if (!STRICT_FORMATS.has(schema.format)) return false;
  const { type, properties = {}, required = [], additionalProperties, items, anyOf = [] } = schema;
  // A schema that does not constrain its values is not strict.
  if (!["type", "$ref", "anyOf", "enum", "const"].some((keyword) => keyword in schema)) return false;
  if (type === "object" || "properties" in schema) {
    if (additionalProperties !== false || !isSchema(properties) || !Array.isArray(required)) return false;
    if (!Object.keys(properties).every((name) => required.includes(name))) return false;
  }
  const definitions = [schema.$defs ?? {}, schema.definitions ?? {}];
  const parts = [properties, ...definitions].flatMap((named) => Object.values(named as object));
  if (items !== undefined) parts.push(items);
  return [...parts, ...(anyOf as unknown[])].every(isStrict);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
