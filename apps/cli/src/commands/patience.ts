import { type InferFailure, type InferResult, ProviderError, type RememError } from "remem";
import { inFlags } from "../flags/in-flags.ts";

export interface PatienceFlags {
  /** Continues after failures that further calls will probably have, too. */
  readonly keepGoing?: boolean;
  /** The number of failures that ends the run. */
  readonly maxFailures?: number;
}

/** Tells when a run should end early. */
export interface Patience {
  /** Takes the next result, and returns why the run should end, if it should. */
  exhausted(result: InferResult<unknown> | InferFailure): string | undefined;
}

/** The number of calls in a row that may fail for a reason that the next will probably have, too. */
const HOPELESS_IN_A_ROW = 3;

export function createPatience({ keepGoing = false, maxFailures = Number.POSITIVE_INFINITY }: PatienceFlags): Patience {
  let failures = 0;
  let hopeless = 0;

  return {
    exhausted(result) {
      if (!result.error) {
        if (result.source !== "store") hopeless = 0;
        return undefined;
      }
      const { error } = result;
      const message = inFlags(error.message);
      if (isToCome(error)) return message;
      failures += 1;
      if (failures >= maxFailures)
        return `${failures} failed (--max-failures ${maxFailures}), the last one: ${message}`;
      if (keepGoing || !isHopeless(error)) return undefined;
      hopeless += 1;
      if (hopeless < HOPELESS_IN_A_ROW && !isNeverSent(error)) return undefined;
      return `${message} (${hopeless === 1 ? "The first call" : `${hopeless} calls in a row`} failed so; --keep-going asks on.)`;
    },
  };
}

/** Whether the next run can get the answer: then this run ends. */
export function isToCome(error: RememError): boolean {
  return error.code === "RATE_LIMITED" || error.code === "BUDGET_EXCEEDED";
}

/** Whether the reason is a wrong key, a wrong model or a missing server, so that the next call will fail, too. */
function isHopeless(error: RememError): boolean {
  if (isNeverSent(error)) return true;
  if (!ProviderError.is(error)) return false;
  const { status, code, retryable } = error;
  return status === undefined ? code === "PROVIDER_ERROR" && retryable : [401, 403, 404].includes(status);
}

function isNeverSent({ code }: RememError): boolean {
  return code === "MISSING_CREDENTIALS" || code === "MISSING_PACKAGE";
}
