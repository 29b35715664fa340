import type { ResultCompletion } from "../../chat/answer/result-completion.ts";
import { RememError } from "../../errors/errors.ts";

/** A problem at one place of an answer. */
export interface SchemaIssue {
  /** A JSON Pointer (RFC 6901) into the answer's JSON; "" for the whole. */
  readonly path: string;
  /** A description of the problem. */
  readonly message: string;
}

/** Thrown if the answer is not JSON that matches the `schema` of the call. The error contains the answer, which was paid for. */
export class SchemaMismatchError extends RememError {
  /** All problems that the validation found. */
  readonly issues: readonly SchemaIssue[];
  /** The key of the call, under which the answer may be stored. */
  readonly key: string;
  /** The text of the answer. */
  readonly response: string;
  /** The whole answer as it came. */
  readonly completion: ResultCompletion;

  constructor(
    issues: readonly SchemaIssue[],
    answer: { readonly key: string; readonly response: string; readonly completion: ResultCompletion },
  ) {
    super("SCHEMA_MISMATCH", `The answer does not match \`schema\`: ${summaryOf(issues)}`);
    this.issues = issues;
    this.key = answer.key;
    this.response = answer.response;
    this.completion = answer.completion;
  }

  static {
    SchemaMismatchError.prototype.name = "SchemaMismatchError";
  }

  static override is(error: unknown): error is SchemaMismatchError {
    return RememError.is(error) && error.name === "SchemaMismatchError";
  }
}

const SHOWN = 3;

function summaryOf(issues: readonly SchemaIssue[]): string {
  const shown = issues.slice(0, SHOWN).map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const more = issues.length > SHOWN ? ` (and ${issues.length - SHOWN} more)` : "";
  return `${shown.join("; ")}${more}`;
}
