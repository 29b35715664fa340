import type { JsonObject } from "@remem/core";

/**
 * A refusal of the cache itself, in the form of the surface's errors. No client repeats a request after 402, which it would after
 * the 504 of RFC 9111.
 */
export function errorResponse(body: JsonObject, detail: string): Response {
  const headers = {
    "content-type": "application/json",
    "cache-status": `remem; detail=${detail}`,
    "x-should-retry": "false",
  };
  return new Response(JSON.stringify(body), { status: 402, headers });
}

/** What the cache says for a server that was not asked, since its rate limit lasts longer than callers wait. */
export function rateLimitResponse(body: JsonObject, waitMs: number): Response {
  const headers = {
    "content-type": "application/json",
    "cache-status": "remem; detail=rate-limited",
    "retry-after": `${Math.ceil(waitMs / 1_000)}`,
  };
  return new Response(JSON.stringify(body), { status: 429, headers });
}
