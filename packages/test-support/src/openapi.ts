import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const { components } = JSON.parse(readFileSync(new URL("../fixtures/openapi.json", import.meta.url), "utf8"));

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addFormat("unixtime", true);
ajv.addSchema({ $id: "openai", components });

/** The schemas of OpenAI's API document, by name. */
export const schemas: Readonly<Record<string, Schema>> = components.schemas;

export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/**
 * Returns a function that validates a value against a schema of OpenAI's API document, and returns the errors as text. A
 * request may have documented members only, so that nothing meant for a client library is sent.
 */
export function validator(name: string): (value: unknown) => string[] {
  if (!Object.hasOwn(components.schemas, name)) throw new TypeError(`the API document has no schema ${name}`);
  const schema = { $ref: `openai#/components/schemas/${name}` };
  const validate = ajv.compile(
    name === "CreateChatCompletionRequest" ? { allOf: [schema], unevaluatedProperties: false } : schema,
  );
  return (value) => {
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      `${instancePath || "/"} ${message} ${JSON.stringify(params)}`.trim(),
    );
  };
}
