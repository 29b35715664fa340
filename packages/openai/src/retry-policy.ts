/** Error codes of 429s that waiting does not resolve (OpenAI's error codes page). */
const QUOTA_EXHAUSTED = new Set<unknown>(["insufficient_quota", "credit_balance_exhausted"]);

/** Whether a call that failed with this status may succeed later. `error` is the SDK's, with the server's error code. */
export function isRetryable(status: number, error: unknown): boolean {
  const { code } = error as { code?: unknown };
  if (QUOTA_EXHAUSTED.has(code)) return false;
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** Whether the SDK must not retry: the quota is exhausted, or the server asks for a longer wait than `longestWaitMs`. */
export function isRetryPointless(headers: Headers, body: string, longestWaitMs: number): boolean {
  if (retryAfterMs(headers) > longestWaitMs) return true;
  return !headers.has("x-should-retry") && QUOTA_EXHAUSTED.has(errorCodeIn(body));
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

function errorCodeIn(body: string): string {
  try {
    return String((JSON.parse(body) as { error?: { code?: unknown } } | null)?.error?.code);
  } catch {
    return "";
  }
}
