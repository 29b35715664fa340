import { checkCount, checkOptions } from "../errors/check-options.ts";
import { invalidOption } from "../errors/errors.ts";

/** Limits of the calls of a provider. Clients of one provider object share their counts. */
export interface Limits {
  /** The most requests in any minute. Unlimited by default. */
  readonly rpm?: number | undefined;
  /**
   * The most tokens in any minute, those of answers included. A call reserves an estimate before it is sent, which its usage
   * replaces. A call that is larger than the limit is sent alone. Unlimited by default.
   */
  readonly tpm?: number | undefined;
  /**
   * The longest wait for a rate limit of the server in milliseconds. 600,000 by default. If the server asks for a longer wait, or
   * refuses for as long, calls fail with the code `RATE_LIMITED`.
   */
  readonly maxWaitMs?: number | undefined;
}

export const DEFAULT_MAX_WAIT_MS = 600_000;

const KNOWN = { rpm: true, tpm: true, maxWaitMs: true } as const satisfies Record<keyof Limits, true>;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkLimits(where: string, limits: Limits | undefined): void {
  if (limits === undefined) return;
  if (typeof limits !== "object" || limits === null) throw invalidOption(where, "limits", "an object");
  checkOptions(`${where}: limits`, limits, KNOWN);
  checkCount(where, "limits.rpm", limits.rpm);
  checkCount(where, "limits.tpm", limits.tpm);
  checkCount(where, "limits.maxWaitMs", limits.maxWaitMs, 0);
}
