import type { JsonValue } from "@remem/core";
import { isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from "../json.ts";
import type { Dice } from "./seeded-random.ts";

/** Where a schema that contains itself stops getting optional members, and list items nobody insists on. */
const DEEP = 4;
/** Where one that can never end is given up. */
const BOTTOM = 24;

const WORDS = ["amber", "birch", "cobalt", "delta", "ember", "fjord", "garnet", "harbour", "iris", "juniper"] as const;

const FORMATS: Readonly<Record<string, (dice: Dice) => string>> = {
  date: day,
  "date-time": (dice) => `${day(dice)}T${clock(dice)}`,
  time: clock,
  duration: (dice) => `PT${1 + dice.roll(90)}M`,
  email: (dice) => `${dice.pick(WORDS)}@example.com`,
  hostname: (dice) => `${dice.pick(WORDS)}.example.com`,
  ipv4: (dice) => `192.0.2.${1 + dice.roll(254)}`,
  uri: (dice) => `https://example.com/${dice.pick(WORDS)}`,
  uuid: (dice) => `00000000-0000-4000-8000-${String(dice.roll(10 ** 12)).padStart(12, "0")}`,
};

/**
 * A value that fits a JSON Schema as far as structured outputs use it: types, members, lists, `enum`, `const`,
 * `anyOf`, `allOf`, local `$ref`s, bounds and the common formats. `pattern` is not looked at.
 */
export function sampleOf(root: JsonValue | undefined, dice: Dice): JsonValue {
  function fill(from: JsonValue | undefined, depth: number): JsonValue {
    if (depth > BOTTOM) return null;
    const schema = objectOf(from);
    if (typeof schema.$ref === "string") return fill(resolve(root, schema.$ref), depth + 1);
    if (schema.const !== undefined) return schema.const;
    const [value, ...values] = listOf(schema.enum);
    if (value !== undefined) return dice.pick([value, ...values]);

    const [variant, ...variants] = listOf(schema.anyOf ?? schema.oneOf);
    if (variant !== undefined) {
      const ending = depth < DEEP ? undefined : [variant, ...variants].find((one) => !leadsOn(one));
      return fill(ending ?? dice.pick([variant, ...variants]), depth + 1);
    }
    const parts = listOf(schema.allOf);
    if (parts.length > 0) return Object.assign({}, ...parts.map((part) => objectOf(fill(part, depth + 1))));

    switch (typeOf(schema, depth >= DEEP)) {
      case "object":
        return members(schema, depth);
      case "array":
        return items(schema, depth);
      case "integer":
        return number(schema, 1, dice);
      case "number":
        return number(schema, 0.01, dice);
      case "boolean":
        return dice.roll(2) === 1;
      case "null":
        return null;
      default:
        return string(schema, dice);
    }
  }

  function members(schema: JsonObject, depth: number): JsonValue {
    const required = new Set(listOf(schema.required));
    const properties = objectOf(schema.properties);
    const wanted = Object.keys(properties).filter((name) => depth < DEEP || required.has(name));
    return Object.fromEntries(wanted.map((name) => [name, fill(properties[name], depth + 1)]));
  }

  function items(schema: JsonObject, depth: number): JsonValue {
    const least = numberOf(schema.minItems) ?? 0;
    const most = numberOf(schema.maxItems) ?? Math.max(least, 3);
    const length = depth < DEEP ? Math.min(most, Math.max(least, 1 + dice.roll(3))) : least;
    return Array.from({ length }, () => fill(schema.items, depth + 1));
  }

  /** Whether a schema refers to another one, which may be itself. */
  function leadsOn(schema: JsonValue): boolean {
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

/** Of several types the first that is not null, unless the value has to come to an end. */
function typeOf(from: JsonValue | undefined, ending = false): string {
  const schema = objectOf(from);
  const { type } = schema;
  if (Array.isArray(type)) {
    if (ending && type.includes("null")) return "null";
    return textOf(type.find((one) => one !== "null") ?? "null");
  }
  if (typeof type === "string") return type;
  if (isObject(schema.properties)) return "object";
  return schema.items === undefined ? "string" : "array";
}

function number(schema: JsonObject, grain: number, dice: Dice): number {
  const step = numberOf(schema.multipleOf) ?? grain;
  const above = numberOf(schema.exclusiveMinimum);
  const below = numberOf(schema.exclusiveMaximum);
  const least = numberOf(schema.minimum) ?? (above === undefined ? undefined : above + step);
  const most = numberOf(schema.maximum) ?? (below === undefined ? undefined : below - step);
  const first = Math.ceil((least ?? Math.min(0, most ?? 0)) / step);
  const last = Math.floor((most ?? Math.max(100, (least ?? 0) + 100)) / step);
  // The rounding takes off what 0.01 adds up to: 0.57 and not 0.5700000000000001.
  return Number((step * (first + dice.roll(Math.max(1, last - first + 1)))).toPrecision(12));
}

function string(schema: JsonObject, dice: Dice): string {
  const format = FORMATS[textOf(schema.format)];
  if (format !== undefined) return format(dice);
  const text = `${dice.pick(WORDS)} ${dice.pick(WORDS)}`;
  return text.padEnd(numberOf(schema.minLength) ?? 0, ".").slice(0, numberOf(schema.maxLength));
}

function day(dice: Dice): string {
  return `2024-${two(1 + dice.roll(12))}-${two(1 + dice.roll(28))}`;
}
function clock(dice: Dice): string {
  return `${two(dice.roll(24))}:${two(dice.roll(60))}:00Z`;
}
function two(value: number): string {
  return String(value).padStart(2, "0");
}
