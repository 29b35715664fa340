import type { JsonValue } from "@remem/core/plugin";
import { isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from "../json.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** The depth at which a recursive schema gets no more optional members or list items. */
const SOFT_DEPTH = 4;
/** The depth at which an endless schema gets null. */
const MAX_DEPTH = 24;

const WORDS = ["amber", "birch", "cobalt", "delta", "ember", "fjord", "garnet", "harbour", "iris", "juniper"] as const;

const FORMATS: Readonly<Record<string, (random: SeededRandom) => string>> = {
  date: day,
  "date-time": (random) => `${day(random)}T${clock(random)}`,
  time: clock,
  duration: (random) => `PT${1 + random.integer(90)}M`,
  email: (random) => `${random.pick(WORDS)}@example.com`,
  hostname: (random) => `${random.pick(WORDS)}.example.com`,
  ipv4: (random) => `192.0.2.${1 + random.integer(254)}`,
  uri: (random) => `https://example.com/${random.pick(WORDS)}`,
  uuid: (random) => `00000000-0000-4000-8000-${String(random.integer(10 ** 12)).padStart(12, "0")}`,
};

/**
 * Generates a value that fits a JSON Schema, as far as structured outputs use it: types, members, lists, `enum`, `const`,
 * `anyOf`, `allOf`, local `$ref`s, bounds and the common formats. Ignores `pattern`.
 */
export function sampleOf(root: JsonValue | undefined, random: SeededRandom): JsonValue {
  function fill(from: JsonValue | undefined, depth: number): JsonValue {
    if (depth > MAX_DEPTH) return null;
    const schema = objectOf(from);
    if (typeof schema.$ref === "string") return fill(resolve(root, schema.$ref), depth + 1);
    if (schema.const !== undefined) return schema.const;
    const [value, ...values] = listOf(schema.enum);
    if (value !== undefined) return random.pick([value, ...values]);

    const [variant, ...variants] = listOf(schema.anyOf ?? schema.oneOf);
    if (variant !== undefined) {
      const terminal = depth < SOFT_DEPTH ? undefined : [variant, ...variants].find((one) => !isRecursive(one));
      return fill(terminal ?? random.pick([variant, ...variants]), depth + 1);
    }
    const parts = listOf(schema.allOf);
    if (parts.length > 0) return Object.assign({}, ...parts.map((part) => objectOf(fill(part, depth + 1))));

    switch (typeOf(schema, depth >= SOFT_DEPTH)) {
      case "object":
        return members(schema, depth);
      case "array":
        return items(schema, depth);
      case "integer":
        return number(schema, 1, random);
      case "number":
        return number(schema, 0.01, random);
      case "boolean":
        return random.integer(2) === 1;
      case "null":
        return null;
      default:
        return string(schema, random);
    }
  }

  function members(schema: JsonObject, depth: number): JsonValue {
    const required = new Set(listOf(schema.required));
    const properties = objectOf(schema.properties);
    const wanted = Object.keys(properties).filter((name) => depth < SOFT_DEPTH || required.has(name));
    return Object.fromEntries(wanted.map((name) => [name, fill(properties[name], depth + 1)]));
  }

  function items(schema: JsonObject, depth: number): JsonValue {
    const least = numberOf(schema.minItems) ?? 0;
    const most = numberOf(schema.maxItems) ?? Math.max(least, 3);
    const length = depth < SOFT_DEPTH ? Math.min(most, Math.max(least, 1 + random.integer(3))) : least;
    return Array.from({ length }, () => fill(schema.items, depth + 1));
  }

  /** Whether a schema refers to another one, possibly itself. */
  function isRecursive(schema: JsonValue): boolean {
    const { $ref } = objectOf(schema);
    return JSON.stringify(typeof $ref === "string" ? (resolve(root, $ref) ?? {}) : schema).includes('"$ref":');
  }

  return fill(root, 0);
}

function resolve(root: JsonValue | undefined, reference: string): JsonValue | undefined {
  const steps = reference.split("/").slice(1);
  return steps.reduce<JsonValue | undefined>(
    (at, step) => objectOf(at)[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")],
    root,
  );
}

/** The first type that is not null; null where the value has to end. */
function typeOf(from: JsonValue | undefined, isLast = false): string {
  const schema = objectOf(from);
  const { type } = schema;
  if (Array.isArray(type)) {
    if (isLast && type.includes("null")) return "null";
    return textOf(type.find((one) => one !== "null") ?? "null");
  }
  if (typeof type === "string") return type;
  if (isObject(schema.properties)) return "object";
  return schema.items === undefined ? "string" : "array";
}

function number(schema: JsonObject, precision: number, random: SeededRandom): number {
  const step = numberOf(schema.multipleOf) ?? precision;
  const above = numberOf(schema.exclusiveMinimum);
  const below = numberOf(schema.exclusiveMaximum);
  const least = numberOf(schema.minimum) ?? (above === undefined ? undefined : above + step);
  const most = numberOf(schema.maximum) ?? (below === undefined ? undefined : below - step);
  const first = Math.ceil((least ?? Math.min(0, most ?? 0)) / step);
  const last = Math.floor((most ?? Math.max(100, (least ?? 0) + 100)) / step);
  // Rounds floating-point errors away: 0.57, not 0.5700000000000001.
  return Number((step * (first + random.integer(Math.max(1, last - first + 1)))).toPrecision(12));
}

function string(schema: JsonObject, random: SeededRandom): string {
  const format = FORMATS[textOf(schema.format)];
  if (format !== undefined) return format(random);
  const text = `${random.pick(WORDS)} ${random.pick(WORDS)}`;
  return text.padEnd(numberOf(schema.minLength) ?? 0, ".").slice(0, numberOf(schema.maxLength));
}

function day(random: SeededRandom): string {
  return `2024-${twoDigits(1 + random.integer(12))}-${twoDigits(1 + random.integer(28))}`;
}
function clock(random: SeededRandom): string {
  return `${twoDigits(random.integer(24))}:${twoDigits(random.integer(60))}:00Z`;
}
function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
