import type { SchemaDraft } from "@cfworker/json-schema";
import { RememError } from "../../errors/errors.ts";
import type { JsonSchema, StandardIssue, StandardResult } from "./schema.ts";

const DRAFTS: ReadonlyArray<readonly [pattern: RegExp, draft: SchemaDraft]> = [
  [/draft-04/, "4"],
  [/draft-07/, "7"],
  [/2019-09/, "2019-09"],
];

/**
 * Makes a validator for a plain JSON Schema.
 * @throws {RememError} with code `MISSING_PACKAGE` if the library is not installed
 */
export async function jsonSchemaValidator(schema: JsonSchema): Promise<(value: unknown) => StandardResult<unknown>> {
  const { Validator } = await loadLibrary();
  const known = DRAFTS.find(([pattern]) => pattern.test(schema.$schema ?? ""));
  const validator = new Validator(schema as object, known?.[1] ?? "2020-12", false);
  return (value) => {
    const { valid, errors } = validator.validate(value);
    return valid ? { value } : { issues: errors.map(toIssue) };
  };
}

function toIssue({ instanceLocation, error }: { instanceLocation: string; error: string }): StandardIssue {
  // A location is a JSON Pointer in a URI fragment: `#/a/0`.
  const path = decodeURIComponent(instanceLocation).split("/").slice(1);
  return { message: error, path: path.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")) };
}

/** Loaded on demand: only a plain JSON Schema needs it. */
async function loadLibrary(): Promise<typeof import("@cfworker/json-schema")> {
  try {
    return await import("@cfworker/json-schema");
  } catch (cause) {
    throw new RememError(
      "MISSING_PACKAGE",
      "A plain JSON Schema as `schema` needs the package @cfworker/json-schema: npm install @cfworker/json-schema",
      { cause },
    );
  }
}
