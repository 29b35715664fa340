import { checkOptions, RememError, type Surface } from "@remem/core/plugin";
import {
  CASE_MS,
  type ContractCase,
  createCases,
  type SkippedCase,
  skipUnlessApplicable,
  withTimeout,
} from "./contract.ts";
import { answerCases } from "./surface-contract/answer-cases.ts";
import type { CaseContext, SurfaceExample } from "./surface-contract/context.ts";
import { keyCases } from "./surface-contract/key-cases.ts";
import { readThroughCases } from "./surface-contract/read-through-cases.ts";
import { requestCases } from "./surface-contract/request-cases.ts";
import { streamCases } from "./surface-contract/stream-cases.ts";
import { textCases } from "./surface-contract/text-cases.ts";

/** The options of `surfaceContract`. */
export interface SurfaceContractOptions<Request extends object, Answer extends object> {
  /** The surface under test. */
  readonly surface: Surface<Request, Answer>;
  /** Requests with a complete answer to each: at least one, and better several that differ in their members. */
  readonly examples: ReadonlyArray<SurfaceExample<Request, Answer>>;
  /** Objects that `check` must refuse: requests of another kind, and requests that lack what the servers need. */
  readonly invalidRequests: readonly object[];
  /** Values that `isAnswer` must refuse besides `{}`, `null`, strings, numbers and lists, such as a server's error body. */
  readonly malformedAnswers: readonly unknown[];
  /** Answers that `admit` must refuse, each with its request, such as one that was cut off. Omit it if there are none. */
  readonly incompleteExamples?: ReadonlyArray<SurfaceExample<Request, Answer>> | undefined;
  /** Chunks of streams that ended early, which an aggregate must not take for a whole answer. Omit it if there are no streams. */
  readonly incompleteStreams?: ReadonlyArray<readonly object[]> | undefined;
  /** Cases that this surface cannot pass. They keep their position, and their names give the reason. */
  readonly skip?: ReadonlyArray<SkippedCase<SurfaceContractCase>> | undefined;
}

/** The names of the cases. */
export type SurfaceContractCase =
  | keyof typeof requestCases
  | keyof typeof answerCases
  | keyof typeof keyCases
  | keyof typeof streamCases
  | keyof typeof readThroughCases
  | keyof typeof textCases;

const GROUPS = {
  requests: requestCases,
  answers: answerCases,
  keys: keyCases,
  streams: streamCases,
  readThrough: readThroughCases,
  texts: textCases,
};

const OPTIONS = {
  surface: true,
  examples: true,
  invalidRequests: true,
  malformedAnswers: true,
  incompleteExamples: true,
  incompleteStreams: true,
  skip: true,
} as const satisfies Record<keyof SurfaceContractOptions<object, object>, true>;

/** Needs `incompleteExamples`. */
const REFUSES: SurfaceContractCase = "admit refuses the incomplete answers";

/**
 * Makes the contract of a surface into cases for any test runner:
 * `for (const { name, run } of surfaceContract({ surface, … })) test(name, run)`. A case about an optional member passes if the
 * surface lacks it. A runner that passes tests a context to skip with reports it as skipped.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function surfaceContract<Request extends object, Answer extends object>(
  options: SurfaceContractOptions<Request, Answer>,
): ContractCase[] {
  checkSurfaceContractOptions(options);
  const { incompleteExamples = [], incompleteStreams = [], skip = [], ...rest } = options;
  const missing =
    incompleteExamples.length === 0 ? [{ case: REFUSES, reason: "`incompleteExamples` is not given" }] : [];
  // The cases treat requests and answers as JSON.
  const context = { ...rest, incompleteExamples, incompleteStreams } as unknown as CaseContext;
  return createCases(
    "surfaceContract",
    GROUPS,
    (check, name, runner: unknown = undefined) =>
      skipUnlessApplicable(() => withTimeout(CASE_MS, check(context), `"${name}"`), runner),
    [...missing, ...skip],
  );
}

function checkSurfaceContractOptions(options: { readonly [Name in keyof typeof OPTIONS]?: unknown }): void {
  checkOptions("surfaceContract", options, OPTIONS);
  for (const name of ["examples", "invalidRequests", "malformedAnswers"] as const) {
    const list = options[name];
    if (Array.isArray(list) && list.length > 0) continue;
    throw new RememError("INVALID_OPTION", `surfaceContract: \`${name}\` must be a list of at least one.`);
  }
  if (typeof options.surface !== "object" || options.surface === null) {
    throw new RememError("INVALID_OPTION", "surfaceContract: `surface` must be a surface.");
  }
}
