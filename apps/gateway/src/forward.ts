import type { CachedFetch } from "@remem/fetch";
import { guardedBody, hasBody, streamedBody, wholeBody } from "./body.ts";
import { GatewayError } from "./errors.ts";
import { givenHeaders, sentHeaders } from "./headers.ts";
import { withoutTimeouts } from "./no-timeouts.ts";
import type { Destination } from "./routes.ts";
import type { Exchange } from "./server.ts";

/**
 * Sends a request to its destination through the cache, and gives the response as it comes. A body that may be cached is read whole,
 * and any other is streamed.
 * @throws {GatewayError} for a body that is too large
 */
export async function forward(
  { incoming, outgoing }: Exchange,
  { vendor, server, url }: Destination,
  { fetch, maxBodyBytes, signal }: { fetch: CachedFetch; maxBodyBytes: number; signal: AbortSignal },
): Promise<Response> {
  const { method = "GET" } = incoming;
  if (method === "TRACE") throw new GatewayError(405, "method_not_allowed", "TRACE does not pass through the gateway.");
  if (server.apiKey !== undefined && url.searchParams.has("key")) url.searchParams.delete("key");
  const headers = sentHeaders(incoming, server, vendor);
  const init: RequestInit = { method, headers, signal, redirect: "manual", duplex: "half", ...withoutTimeouts() };
  if (method === "GET" || method === "HEAD" || !hasBody(incoming)) headers.delete("content-length");
  else if (fetch.mayCache(method, url)) init.body = await wholeBody(incoming, maxBodyBytes);
  else init.body = streamedBody(incoming);
  const response = await fetch(url, init);
  if (fetch.wholeTextOf(response) !== undefined) return response; // All of it is ours.
  const { status, body } = response;
  return new Response(body && guardedBody(body, () => outgoing.destroy()), { status, headers: givenHeaders(response) });
}
