import type { TokenCount } from "../contracts/surface.ts";
import { checkCount, checkOptions } from "../errors/check-options.ts";
import { invalidOption } from "../errors/errors.ts";

/** Replaces the reservation of a call by its actual cost. */
export type Settle<Answer> = (answer?: Answer, tokens?: TokenCount) => void;

/** A budget of calls, tokens or money. */
export interface Budget<Request extends object = object, Answer extends object = object> {
  /**
   * Called before the client sends a request, with an estimate of its tokens, including those of the answer. Returns a function
   * that the client calls with the answer and its tokens, if the server reports them, or without arguments if the call has
   * failed. Throws if the request must not be sent: a `RememError` with the code `BUDGET_EXCEEDED`, or a `ProviderError` with
   * the code `RATE_LIMITED`. The call fails with that error.
   */
  reserve(request: Request, estimate: number): Settle<Answer> | Promise<Settle<Answer>>;
}

/** Limits of the calls of a provider. Clients of one provider object share their counts. */
export interface Limits<Request extends object = object, Answer extends object = object> {
  /** The maximum number of requests in any minute. Unlimited by default. */
  readonly rpm?: number | undefined;
  /**
   * The maximum number of tokens in any minute, including those of answers. A call first reserves an estimate, which its usage
   * replaces. A call that is larger than the limit runs alone. Unlimited by default.
   */
  readonly tpm?: number | undefined;
  /**
   * The longest wait for a rate limit of the server in milliseconds. 600,000 by default. If the server asks for a longer wait,
   * or refuses calls for that long, calls fail with the code `RATE_LIMITED`.
   */
  readonly maxWaitMs?: number | undefined;
  /** Decides about each request whether it may be sent. None by default. */
  readonly budget?: Budget<Request, Answer> | undefined;
}

export const DEFAULT_MAX_WAIT_MS = 600_000;

const KNOWN = { rpm: true, tpm: true, maxWaitMs: true, budget: true } as const satisfies Record<keyof Limits, true>;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkLimits(where: string, limits: Limits<never, never> | undefined): void {
  if (limits === undefined) return;
  if (typeof limits !== "object" || limits === null) throw invalidOption(where, "limits", "an object");
  checkOptions(`${where}: limits`, limits, KNOWN);
  checkCount(where, "limits.rpm", limits.rpm);
  checkCount(where, "limits.tpm", limits.tpm);
  checkCount(where, "limits.maxWaitMs", limits.maxWaitMs, 0);
  const { budget } = limits;
  if (budget !== undefined && typeof budget?.reserve !== "function") {
    throw invalidOption(where, "limits.budget", "an object with a function `reserve`");
  }
}
