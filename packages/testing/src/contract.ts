import { RememError } from "@remem/core";

/** One promise of a contract, for any test runner: `for (const { name, run } of cases) test(name, run)`. */
export interface ContractCase {
  /** A sentence. That of a skipped case says that it is skipped, and why. */
  readonly name: string;
  /** Rejects when the promise is broken. Of a skipped case it does nothing. */
  run(): Promise<void>;
  /** Why the case is not run. */
  readonly skipped?: string;
}

/** A case that cannot be passed, and the reason, which every reporter then prints. */
export interface SkippedCase<Name extends string> {
  readonly case: Name;
  readonly reason: string;
}

/** The cases in their order; what is skipped keeps its place. A case or a reason that is none is refused. */
export function createCases<Name extends string>(
  where: string,
  runs: Readonly<Record<Name, () => Promise<void>>>,
  skip: ReadonlyArray<SkippedCase<Name>> = [],
): ContractCase[] {
  for (const { case: name, reason } of skip) {
    if (!Object.hasOwn(runs, name)) throw invalidSkip(where, `there is no case "${name}"`);
    if (typeof reason !== "string" || reason.trim() === "")
      throw invalidSkip(where, `"${name}" is skipped for no reason`);
  }
  const reasons = new Map<string, string>(skip.map(({ case: name, reason }) => [name, reason]));
  return Object.entries<() => Promise<void>>(runs).map(([name, run]) => {
    const skipped = reasons.get(name);
    return skipped === undefined ? { name, run } : { name: `${name} (skipped: ${skipped})`, skipped, run: noop };
  });
}

/** What the work gives, unless it takes longer: then it fails, instead of hanging whoever waits for it. */
export function withTimeout<T>(limitMs: number, work: Promise<T>, what: string): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error(`${what} took longer than ${limitMs} ms.`)), limitMs);
  return Promise.race([work, limit.promise]).finally(() => clearTimeout(timer));
}

async function noop(): Promise<void> {}

function invalidSkip(where: string, problem: string): RememError {
  return new RememError("INVALID_OPTION", `${where}: in \`skip\` ${problem}.`);
}
