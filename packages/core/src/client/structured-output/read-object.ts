import { withoutFence } from "../../chat/answer/json-fence.ts";
import type { ResultCompletion } from "../../chat/answer/result-completion.ts";
import { textOf } from "../../chat/servers/message-text.ts";
import { messageOf } from "../../errors/errors.ts";
import { jsonPointer } from "../../json/json-pointer.ts";
import { jsonSchemaValidator } from "./json-schema-validator.ts";
import { isStandardSchema, type ResponseSchema, type StandardIssue } from "./schema.ts";
import type { SchemaIssue } from "./schema-mismatch.ts";

/** The object that a schema reads from an answer, or the problems that it finds. */
export type ObjectRead<Output> =
  | { readonly object: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export type ObjectReader<Output> = (completion: Pick<ResultCompletion, "choices">) => Promise<ObjectRead<Output>>;

/**
 * Makes a reader of answers: it parses the text of choice 0 and validates it.
 * @throws {RememError} with code `MISSING_PACKAGE` if validation needs a package that is not installed
 */
export async function objectReader<Output>(schema: ResponseSchema<Output>): Promise<ObjectReader<Output>> {
  const validate = isStandardSchema(schema)
    ? (value: unknown) => schema["~standard"].validate(value)
    : await jsonSchemaValidator(schema);

  return async ({ choices }) => {
    const { message, finish_reason } = choices[0]!;
    const text = withoutFence(textOf(message.content));
    if (text.trim() === "") {
      // The model asks for tool calls before it answers.
      if (message.tool_calls !== undefined && message.tool_calls.length > 0) return { object: undefined as Output };
      return failed(message.refusal ? `the model refused: ${message.refusal}` : `it has no text (${finish_reason})`);
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return failed(`it is no JSON (${messageOf(error)})`);
    }
    try {
      const result = await validate(value);
      return result.issues === undefined ? { object: result.value as Output } : { issues: result.issues.map(toIssue) };
    } catch (error) {
      return failed(`its validation threw: ${messageOf(error)}`);
    }
  };
}

function failed(message: string): { readonly issues: readonly SchemaIssue[] } {
  return { issues: [{ path: "", message }] };
}

function toIssue({ message, path = [] }: StandardIssue): SchemaIssue {
  const steps = path.map((step) => String(typeof step === "object" ? step.key : step));
  return { path: jsonPointer(steps), message };
}
