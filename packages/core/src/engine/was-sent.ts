import type { RememErrorCode } from "../errors/error-code.ts";
import { RememError } from "../errors/errors.ts";

/** Codes of failures before anything is sent. */
const BEFORE_SENDING: ReadonlySet<RememErrorCode> = new Set([
  "MISSING_CREDENTIALS",
  "MISSING_PACKAGE",
  "INVALID_OPTION",
  "INVALID_REQUEST",
]);

/** System errors after which nothing has reached a server. */
const UNREACHED: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Whether a call that failed was sent, and so may have been paid for. */
export function wasSent(error: unknown): boolean {
  if (RememError.is(error) && BEFORE_SENDING.has(error.code)) return false;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth += 1) {
    if ("code" in cause && UNREACHED.has(cause.code)) return false;
  }
  return true;
}
