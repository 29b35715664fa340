import type { ServerError } from "@remem/core/plugin";

/** Whether a call that failed with this status may succeed later. What the server says takes precedence. */
export function isRetryable(status: number, said?: ServerError): boolean {
  return said?.retryable ?? (status === 408 || status === 409 || status === 429 || (status >= 500 && status <= 599));
}

/**
 * Whether the SDK must not retry: the quota is exhausted, the server asks for a longer wait than `longestWaitMs`, or the
 * status is none of HTTP's.
 */
export function isRetryPointless(status: number, headers: Headers, longestWaitMs: number, said?: ServerError): boolean {
  if (retryAfterMs(headers) > longestWaitMs) return true;
  if (headers.has("x-should-retry")) return false;
  return status > 599 || said?.retryable === false;
}

/** The delay that the server asks for, in milliseconds: `retry-after-ms`, or `Retry-After` (RFC 9110, 10.2.3). */
function retryAfterMs(headers: Headers): number {
  const milliseconds = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (!Number.isNaN(milliseconds)) return milliseconds;
  const after = headers.get("retry-after") ?? "";
  if (/^\s*\d+(\.\d+)?\s*$/.test(after)) return Number(after) * 1_000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? 0 : date - Date.now();
}
