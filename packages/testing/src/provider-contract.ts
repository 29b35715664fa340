import { checkOptions, RememError } from "@remem/core/plugin";
import { type ContractCase, checkSlowness, createCases, type SkippedCase, skipUnlessApplicable } from "./contract.ts";
import { answerCases } from "./provider-contract/answer-cases.ts";
import { deferredCases } from "./provider-contract/deferred-cases.ts";
import { failureCases } from "./provider-contract/failure-cases.ts";
import { type CreateProvider, runCase } from "./provider-contract/harness.ts";
import { requestCases } from "./provider-contract/request-cases.ts";
import { streamCases } from "./provider-contract/stream-cases.ts";
import { timeoutCases } from "./provider-contract/timeout-cases.ts";

/** The options of `providerContract`. */
export interface ProviderContractOptions {
  /**
   * Creates the provider with these options and any API key. With one of less than 8 characters the case about keys in errors
   * is skipped. Called at least once per case; each provider is closed after its case.
   */
  readonly create: CreateProvider;
  /** The members that the provider documents to add to a body. None by default. */
  readonly adds?: readonly string[] | undefined;
  /** Cases that this provider cannot pass. They keep their position, and their names give the reason. */
  readonly skip?: ReadonlyArray<SkippedCase<ProviderContractCase>> | undefined;
  /** Multiplies every time limit of the cases, for slow machines: from 1, the default, to 100. */
  readonly slowness?: number | undefined;
}

/** The names of the cases. */
export type ProviderContractCase =
  | keyof typeof requestCases
  | keyof typeof answerCases
  | keyof typeof failureCases
  | keyof typeof timeoutCases
  | keyof typeof streamCases
  | keyof typeof deferredCases;

const GROUPS = {
  requests: requestCases,
  answers: answerCases,
  failures: failureCases,
  timeouts: timeoutCases,
  streams: streamCases,
  deferred: deferredCases,
};

const OPTIONS = { create: true, adds: true, skip: true, slowness: true } as const satisfies Record<
  keyof ProviderContractOptions,
  true
>;

/**
 * Makes the contract of a provider into cases for any test runner: `for (const { name, run } of providerContract({ create }))
 * test(name, run)`. Each case has its own servers, closes what it opened, and fails after 4.5 s. The cases about streams and
 * batches pass if the provider has no `stream` or no `deferred`. A runner that passes tests a context to skip with reports them
 * as skipped.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function providerContract(options: ProviderContractOptions): ContractCase[] {
  checkOptions("providerContract", options, OPTIONS);
  const { create, adds = [], skip, slowness = 1 } = options;
  checkSlowness("providerContract", slowness);
  if (typeof create !== "function") {
    throw new RememError("INVALID_OPTION", "providerContract: `create` must be a function that returns a provider.");
  }
  return createCases(
    "providerContract",
    GROUPS,
    (check, name, runner: unknown = undefined) =>
      skipUnlessApplicable(() => runCase(name, check, { create, adds, slowness }), runner),
    skip,
  );
}
