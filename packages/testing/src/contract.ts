import { RememError } from "@remem/core/plugin";

/**
 * One promise of a contract, for any test runner: `for (const { group, name, run } of cases) test(`${group}: ${name}`, run)`.
 */
export interface ContractCase {
  /** A sentence. For a skipped case it ends with the reason. */
  readonly name: string;
  /** The topic of the promise, such as "flights". Names are unique across groups. */
  readonly group: string;
  /** Rejects when the promise is broken. Does nothing when the case is skipped. */
  run(): Promise<void>;
  /** Why the case is skipped. */
  readonly skipped?: string;
}

/** A case to skip. Every reporter prints the reason. */
export interface SkippedCase<Name extends string> {
  /** The case's name. */
  readonly case: Name;
  /** The reason why the case does not apply. It is part of the name of the case. */
  readonly reason: string;
}

/** Checks one promise, and rejects when it is broken. */
type Check<Context> = (context: Context) => Promise<void>;

/** The checks of a contract by group and name. */
export type CaseGroups<Context> = Readonly<Record<string, Readonly<Record<string, Check<Context>>>>>;

/**
 * Makes the cases in order. A skipped case keeps its position.
 * @throws {RememError} with code `INVALID_OPTION` if `skip` names an unknown case or lacks a reason
 */
export function createCases<Context>(
  where: string,
  groups: CaseGroups<Context>,
  runCase: (check: Check<Context>, name: string, runner?: unknown) => Promise<void>,
  skip: ReadonlyArray<SkippedCase<string>> = [],
): ContractCase[] {
  const all = Object.entries(groups).flatMap(([group, checks]) =>
    Object.entries(checks).map(([name, check]) => ({ group, name, check })),
  );
  for (const { case: name, reason } of skip) {
    if (!all.some((one) => one.name === name)) throw invalidSkip(where, `there is no case "${name}"`);
    if (typeof reason !== "string" || reason.trim() === "") throw invalidSkip(where, `"${name}" has no reason`);
  }
  const reasons = new Map(skip.map(({ case: name, reason }) => [name, reason]));
  return all.map(({ group, name, check }) => {
    const skipped = reasons.get(name);
    // Bound: runners look for a callback or for fixtures among the parameters of a test, and must not find any.
    if (skipped === undefined) return { group, name, run: runCase.bind(undefined, check, name) };
    return { group, name: `${name} (skipped: ${skipped})`, skipped, run: noop };
  });
}

/** How long a case may take: less than the 5 s after which Jest and Vitest end it themselves, without naming the broken promise. */
export const CASE_MS = 4_500;
/** How long closing may take after a case that took too long. */
const CLOSE_MS = 200;

/**
 * Runs a case with a time limit, and then closes its resources, even if the case fails. Rejects with the name of the case if
 * that takes too long. A failure to close is the case's failure only if `close` rejects and the case has passed.
 */
export async function withinCase(
  name: string,
  limitMs: number,
  check: () => Promise<void>,
  close: () => Promise<unknown>,
): Promise<void> {
  const start = performance.now();
  const [checked] = await Promise.allSettled([withTimeout(limitMs, check(), `"${name}"`)]);
  const leftMs = Math.max(limitMs - (performance.now() - start), CLOSE_MS);
  const [closed] = await Promise.allSettled([withTimeout(Math.round(leftMs), close(), `Closing after "${name}"`)]);
  for (const settled of [checked, closed]) if (settled.status === "rejected") throw settled.reason;
}

/** Ends a case that does not apply to the plugin under test. */
export class NotApplicable extends Error {}

/** Runs a check. If it does not apply, it tells the runner, if that passes tests a context to skip with. */
export async function skipUnlessApplicable(run: () => Promise<void>, runner: unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof NotApplicable)) throw error;
    if (canSkip(runner)) runner.skip(error.message);
  }
}

/**
 * Checks the option `slowness`.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function checkSlowness(where: string, slowness: number): void {
  if (typeof slowness === "number" && slowness >= 1 && slowness <= 100) return;
  throw new RememError("INVALID_OPTION", `${where}: \`slowness\` must be a number from 1 to 100.`);
}

/** Rejects when the work takes longer than the limit, so that the caller never hangs. */
export function withTimeout<T>(limitMs: number, work: Promise<T>, what: string): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(`${what} took longer than ${limitMs} ms.`)), limitMs);
  return Promise.race([work, limit.promise]).finally(() => clearTimeout(timer));
}

async function noop(): Promise<void> {}

function canSkip(runner: unknown): runner is { skip(reason: string): void } {
  return typeof (runner as { readonly skip?: unknown } | undefined)?.skip === "function";
}

function invalidSkip(where: string, problem: string): RememError {
  return new RememError("INVALID_OPTION", `${where}: in \`skip\` ${problem}.`);
}
