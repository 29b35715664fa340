import { checkCount, checkOptions, type JsonValue, RememError } from "@remem/core/plugin";

/** How one batch goes. By default it is validated at once, runs until it is next looked at, and answers every line. */
export interface BatchPlan {
  /** How often a batch is looked at while it is validated. 0 by default. */
  readonly validating?: number | undefined;
  /** How often it is looked at while it runs. 0 by default. */
  readonly running?: number | undefined;
  /** Fails validation with these errors. */
  readonly errors?: readonly BatchProblem[] | undefined;
  /** Expires once so many of its lines are answered. */
  readonly expiresAfter?: number | undefined;
  /** Answers so many lines, and runs until it is cancelled. */
  readonly hangsAfter?: number | undefined;
  /** Forgets the file of the answers, although they are paid for. */
  readonly losesOutput?: boolean | undefined;
  /** Replaces the answer to a line, by its place in the file: a status with a body. */
  readonly replies?: Readonly<Record<number, { readonly status: number; readonly body: JsonValue }>> | undefined;
  /** Creates the batch, but breaks the connection instead of telling its id. */
  readonly breaks?: boolean | undefined;
}

/** An error of validation, as a batch tells it. */
export interface BatchProblem {
  /** A name for programs, such as `invalid_json_line`. */
  readonly code: string;
  /** What is wrong, in words. */
  readonly message: string;
  /** The member that is wrong, if it is one. */
  readonly param?: string | null;
  /** The line in the file, counted from 1. */
  readonly line?: number | null;
}

const MEMBERS = {
  validating: true,
  running: true,
  errors: true,
  expiresAfter: true,
  hangsAfter: true,
  losesOutput: true,
  replies: true,
  breaks: true,
} satisfies Record<keyof BatchPlan, true>;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkPlan(plan: BatchPlan): void {
  checkOptions("plan of a batch", plan, MEMBERS);
  for (const name of ["validating", "running", "expiresAfter", "hangsAfter"] as const) {
    checkCount("plan of a batch", name, plan[name], 0);
  }
  if (plan.expiresAfter !== undefined && plan.hangsAfter !== undefined) {
    throw new RememError("INVALID_OPTION", "plan of a batch: `hangsAfter` excludes `expiresAfter`.");
  }
}
