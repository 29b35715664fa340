import { invalidOption } from "../../errors/errors.ts";

/**
 * A schema of any library that implements Standard Schema, such as zod 4, valibot or arktype, or a plain JSON Schema.
 * `Output` is the type of a valid answer. For a plain JSON Schema the caller names it, as in `infer<Person>(…)`.
 */
export type ResponseSchema<Output = unknown> = StandardSchema<Output> | JsonSchema;

/** The members of a Standard Schema that remem reads. https://standardschema.dev */
export interface StandardSchema<Output = unknown> {
  /** The interface that libraries share. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    /** The schema as JSON Schema, where the library offers it. https://standardschema.dev/json-schema */
    readonly jsonSchema?: { readonly input: (options: { readonly target: "draft-2020-12" }) => object } | undefined;
  };
}

/** The result of a validation: a value, or the problems. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  /** A description of the problem. */
  readonly message: string;
  /** The place of the problem. */
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** A JSON Schema as an object, such as `z.toJSONSchema(…)` makes. */
export interface JsonSchema {
  /** Only a Standard Schema has this member. */
  readonly "~standard"?: undefined;
  /** The draft: 4, 7, 2019-09, or by default 2020-12. */
  readonly $schema?: string | undefined;
  /** Becomes the name under which the schema is sent. */
  readonly title?: string | undefined;
  /** Tells the model what the object is. */
  readonly description?: string | undefined;
  /** `"object"`: some servers refuse other types. */
  readonly type?: string | readonly string[] | undefined;
  /** The schemas of the members. */
  readonly properties?: object | undefined;
  /** The required members. */
  readonly required?: readonly string[] | undefined;
  /** Whether other members are allowed. OpenAI accepts a schema as strict only if they are not. */
  readonly additionalProperties?: boolean | object | undefined;
  readonly [keyword: string]: unknown;
}

export function isStandardSchema<Output>(schema: ResponseSchema<Output>): schema is StandardSchema<Output> {
  return typeof (schema as Partial<StandardSchema>)["~standard"]?.validate === "function";
}

/**
 * Refuses a value that is not a schema.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function checkSchema(where: string, schema: ResponseSchema | undefined, retries: number | undefined): void {
  if (schema === undefined) {
    if (retries === undefined || retries === 0) return;
    throw invalidOption(where, "retries", "left out without `schema`: failed calls are retried by the provider");
  }
  const isObject = typeof schema === "object" && schema !== null && !Array.isArray(schema);
  // Schemas of arktype are functions.
  if (isObject ? !("~standard" in schema) || isStandardSchema(schema) : isStandardFunction(schema)) return;
  throw invalidOption(where, "schema", "a Standard Schema (zod 4, valibot, arktype …) or a JSON Schema object");
}

function isStandardFunction(schema: unknown): boolean {
  return typeof schema === "function" && isStandardSchema(schema as unknown as ResponseSchema);
}
