import { checkCount, checkOptions, type JsonValue, RememError } from "@remem/core/plugin";

/** The plan of one batch. By default the batch runs until the next look at it, and answers every request. */
export interface MessageBatchPlan {
  /** The number of looks at a batch, in a list or by its id, during which it runs. 0 by default. */
  readonly running?: number | undefined;
  /** Expires once this many of its requests are answered. */
  readonly expiresAfter?: number | undefined;
  /** Answers this many requests, and runs until it is cancelled. */
  readonly hangsAfter?: number | undefined;
  /** Replaces the result of a request, by its place in the batch: `{ type: "errored", error: … }`. */
  readonly results?: Readonly<Record<number, JsonValue>> | undefined;
  /** Creates the batch, but breaks the connection instead of returning its id. */
  readonly breaks?: boolean | undefined;
}

const MEMBERS = {
  running: true,
  expiresAfter: true,
  hangsAfter: true,
  results: true,
  breaks: true,
} satisfies Record<keyof MessageBatchPlan, true>;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkMessageBatchPlan(plan: MessageBatchPlan): void {
  checkOptions("plan of a batch", plan, MEMBERS);
  for (const name of ["running", "expiresAfter", "hangsAfter"] as const) {
    checkCount("plan of a batch", name, plan[name], 0);
  }
  if (plan.expiresAfter !== undefined && plan.hangsAfter !== undefined) {
    throw new RememError("INVALID_OPTION", "plan of a batch: `hangsAfter` excludes `expiresAfter`.");
  }
}
