import { retryAfterMs, type ServerError } from "@remem/core/plugin";

/** Whether a call that failed with this status may succeed later. The server's own error takes precedence. */
export function isRetryable(status: number, said?: ServerError): boolean {
  return said?.retryable ?? (status === 408 || status === 409 || status === 429 || (status >= 500 && status <= 599));
}

/**
 * Whether the SDK must not retry: the quota is exhausted, the server asks for a longer wait than `longestWaitMs`, or the status
 * is not one of HTTP.
 */
export function isRetryPointless(status: number, headers: Headers, longestWaitMs: number, said?: ServerError): boolean {
  if ((retryAfterMs(headers) ?? 0) > longestWaitMs) return true;
  if (headers.has("x-should-retry")) return false;
  return status > 599 || said?.retryable === false;
}
