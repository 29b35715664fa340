import { checkCount, checkOptions, type JsonValue, RememError } from "@remem/core/plugin";

/** The plan of one batch. By default the batch is validated at once, runs until the next look at it, and answers every line. */
export interface BatchPlan {
  /** The number of looks at a batch during which it is validated. 0 by default. */
  readonly validating?: number | undefined;
  /** The number of looks at it during which it runs. 0 by default. */
  readonly running?: number | undefined;
  /** Fails validation with these errors. */
  readonly errors?: readonly BatchProblem[] | undefined;
  /** Expires once this many of its lines are answered. */
  readonly expiresAfter?: number | undefined;
  /** Answers this many lines, and runs until it is cancelled. */
  readonly hangsAfter?: number | undefined;
  /** Forgets the file of the answers, although they are paid for. */
  readonly losesOutput?: boolean | undefined;
  /** Replaces the answer to a line, by its place in the file: a status with a body. */
  readonly replies?: Readonly<Record<number, { readonly status: number; readonly body: JsonValue }>> | undefined;
  /** Creates the batch, but breaks the connection instead of returning its id. */
  readonly breaks?: boolean | undefined;
}

/** An error of validation, as a batch reports it. */
export interface BatchProblem {
  /** A name for programs, such as `invalid_json_line`. */
  readonly code: string;
  /** A description of the problem. */
  readonly message: string;
  /** The invalid member, if there is one. */
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
