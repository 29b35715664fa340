import { checkOptions, RememError } from "@remem/core";
import { type ContractCase, createCases, type SkippedCase } from "./contract.ts";
import { answerCases } from "./provider-contract/answer-cases.ts";
import { failureCases } from "./provider-contract/failure-cases.ts";
import { type CreateProvider, runCase } from "./provider-contract/harness.ts";
import { requestCases } from "./provider-contract/request-cases.ts";
import { timeoutCases } from "./provider-contract/timeout-cases.ts";

export interface ProviderContractOptions {
  /**
   * The provider, with these options and any key of 8 characters or more. Called anew for each case, in some more than
   * once; each provider is closed when its case is over.
   */
  readonly create: CreateProvider;
  /** The members that the provider documents to add to a body. None by default. */
  readonly adds?: readonly string[];
  /** Cases that this provider cannot pass. They keep their place, and their names give the reason. */
  readonly skip?: ReadonlyArray<SkippedCase<ProviderContractCase>>;
}

/** The names of the cases. */
export type ProviderContractCase =
  | keyof typeof requestCases
  | keyof typeof answerCases
  | keyof typeof failureCases
  | keyof typeof timeoutCases;

const CASES = { ...requestCases, ...answerCases, ...failureCases, ...timeoutCases };

/**
 * What every provider promises, as cases for any test runner: `for (const { name, run } of providerContract({ create }))
 * test(name, run)`. Each has servers of its own, fails when it takes longer than 5 s, and closes what it opened.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function providerContract(options: ProviderContractOptions): ContractCase[] {
  checkOptions("providerContract", options, { create: true, adds: true, skip: true } satisfies Record<
    keyof ProviderContractOptions,
    true
  >);
  const { create, adds = [], skip } = options;
  if (typeof create !== "function") {
    throw new RememError("INVALID_OPTION", "providerContract: `create` must be a function that gives a provider.");
  }
  const runs = Object.entries(CASES).map(([name, check]) => [name, () => runCase(check, { create, adds })]);
  return createCases(
    "providerContract",
    Object.fromEntries(runs) as Record<ProviderContractCase, () => Promise<void>>,
    skip,
  );
}
