import { type JsonObject, ProviderError, RememError } from "@remem/core";
import type { PlainResponse } from "./plain-response.ts";

/** The response to a request that the cache itself refuses. Undefined for any other error. */
export function ownError(
  error: unknown,
  { errorBody }: { errorBody(message: string, code: string): JsonObject },
): PlainResponse | undefined {
  if (!RememError.is(error)) return undefined;
  const { message, code } = error;
  if (code === "CACHE_MISS") return refusal(errorBody(message, "cache_miss"), "only-if-cached");
  if (code === "BUDGET_EXCEEDED") return refusal(errorBody(message, "budget_exceeded"), "budget-exceeded");
  if (!ProviderError.is(error) || code !== "RATE_LIMITED") return undefined;
  return rateLimit(errorBody(message, "rate_limit_exceeded"), error.retryAfterMs ?? 0);
}

/**
 * A refusal of the cache itself, in the form of the surface's errors. Its status is 402, because clients would repeat a request
 * after the 504 of RFC 9111.
 */
function refusal(body: JsonObject, detail: string): PlainResponse {
  return plainError(402, body, { "cache-status": `remem; detail=${detail}`, "x-should-retry": "false" });
}

/** The response of the cache for a server that it does not ask, because its rate limit lasts longer than callers wait. */
function rateLimit(body: JsonObject, waitMs: number): PlainResponse {
  const retryAfter = `${Math.ceil(waitMs / 1_000)}`;
  return plainError(429, body, { "cache-status": "remem; detail=rate-limited", "retry-after": retryAfter });
}

function plainError(status: number, body: JsonObject, headers: Readonly<Record<string, string>>): PlainResponse {
  const all = { "content-type": "application/json", ...headers };
  return { status, headers: all, text: JSON.stringify(body), isStream: false };
}
