import type { JsonValue } from "@remem/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { sampleOf } from "../../src/server/json-sample.ts";
import { seededRandom } from "../../src/server/seeded-random.ts";

const schemas: Readonly<Record<string, { readonly [member: string]: JsonValue }>> = {
  "every plain type": object({
    text: { type: "string" },
    whole: { type: "integer" },
    real: { type: "number" },
    flag: { type: "boolean" },
    nothing: { type: "null" },
    list: { type: "array", items: { type: "number" } },
  }),
  "choices: enum, const, a type or null, anyOf": object({
    label: { enum: ["spam", "ham"] },
    version: { const: 2 },
    note: { type: ["null", "string"] },
    either: { anyOf: [{ type: "integer" }, object({ deep: { type: "boolean" } })] },
  }),
  bounds: object({
    share: { type: "number", minimum: 0, maximum: 1 },
    above: { type: "number", exclusiveMinimum: 0 },
    below: { type: "integer", exclusiveMaximum: -500 },
    dozens: { type: "integer", minimum: 13, multipleOf: 12 },
    code: { type: "string", minLength: 40, maxLength: 42 },
    short: { type: "string", maxLength: 2 },
    pair: { type: "array", items: { type: "string" }, minItems: 2, maxItems: 2 },
    many: { type: "array", items: { type: "string" }, minItems: 7 },
  }),
  formats: object({
    date: { type: "string", format: "date" },
    at: { type: "string", format: "date-time" },
    time: { type: "string", format: "time" },
    lasts: { type: "string", format: "duration" },
    email: { type: "string", format: "email" },
    host: { type: "string", format: "hostname" },
    address: { type: "string", format: "ipv4" },
    link: { type: "string", format: "uri" },
    id: { type: "string", format: "uuid" },
  }),
  "definitions, allOf": {
    ...object({
      from: { $ref: "#/$defs/place" },
      to: { allOf: [{ $ref: "#/$defs/place" }, { type: "object", required: ["gate"], properties: { gate: {} } }] },
    }),
    $defs: { place: { type: "object", properties: { "the/name": { type: "string" } }, required: ["the/name"] } },
  },
  "a tree that contains itself": {
    ...object({ value: { type: "integer" }, children: { type: "array", items: { $ref: "#" } } }),
  },
  "a formula of formulas": {
    ...object({ formula: { $ref: "#/$defs/formula" } }),
    $defs: {
      formula: { anyOf: [{ $ref: "#/$defs/sum" }, { $ref: "#/$defs/product" }, { $ref: "#/$defs/value" }] },
      sum: object({ left: { $ref: "#/$defs/formula" }, right: { $ref: "#/$defs/formula" } }),
      product: object({ left: { $ref: "#/$defs/formula" }, right: { $ref: "#/$defs/formula" } }),
      value: object({ value: { type: "number" } }),
    },
  },
  "a list that ends with null": {
    ...object({ head: { $ref: "#/$defs/node" } }),
    $defs: { node: object({ next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } }) },
  },
};

describe("a sample fits its schema:", () => {
  for (const [name, schema] of Object.entries(schemas)) {
    test(name, () => {
      const ajv = new Ajv2020({ strict: false });
      addFormats.default(ajv);
      const validate = ajv.compile(schema);
      for (let seed = 0; seed < 50; seed++) {
        const sample = sampleOf(schema, seededRandom(String(seed)));
        expect(validate(sample), JSON.stringify({ sample, errors: validate.errors })).toBe(true);
      }
    });
  }
});

test("an endless schema still gets a value", () => {
  const endless = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
  expect(sampleOf(endless, seededRandom("1"))).toBeInstanceOf(Object);
});

function object(properties: { readonly [name: string]: JsonValue }): { readonly [member: string]: JsonValue } {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
