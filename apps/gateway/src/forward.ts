import type { CachedFetch } from "@remem/fetch";
import { guardedBody, hasBody, streamedBody, wholeBody } from "./body.ts";
import { GatewayError } from "./errors.ts";
import { givenHeaders, sentHeaders } from "./headers.ts";
import { withoutTimeouts } from "./no-timeouts.ts";
import type { Destination } from "./routes.ts";
import type { Exchange } from "./server.ts";

interface ForwardOptions {
  readonly fetch: CachedFetch;
  readonly maxBodyBytes: number;
  readonly signal: AbortSignal;
  /** Whether the gateway's own token stands where the key would. It must not leave the gateway. */
  readonly isTokenInPlaceOfKey: boolean;
}

/**
 * Sends a request to its destination through the cache, and gives the response as it comes. A body that may be cached is read whole,
 * and any other is streamed.
 * @throws {GatewayError} for a body that is too large
 */
export async function forward(
  { incoming, outgoing }: Exchange,
  { vendor, server, url }: Destination,
  { fetch, maxBodyBytes, signal, isTokenInPlaceOfKey }: ForwardOptions,
): Promise<Response> {
  const { method = "GET" } = incoming;
  if (method === "TRACE") throw new GatewayError(405, "method_not_allowed", "TRACE does not pass through the gateway.");
  if (isTokenInPlaceOfKey && server.apiKey === undefined && vendor !== "ollama") throw keyMissing(server.name);
  const isKeyReplaced = isTokenInPlaceOfKey || server.apiKey !== undefined;
  if (isKeyReplaced && url.searchParams.has("key")) url.searchParams.delete("key");
  const headers = sentHeaders(incoming, vendor, isKeyReplaced ? { key: server.apiKey } : undefined);
  const init: RequestInit = { method, headers, signal, redirect: "manual", duplex: "half", ...withoutTimeouts() };
  if (method === "GET" || method === "HEAD" || !hasBody(incoming)) headers.delete("content-length");
  else if (fetch.mayCache(method, url)) init.body = await wholeBody(incoming, maxBodyBytes);
  else init.body = streamedBody(incoming);
  const response = await fetch(url, init);
  if (fetch.wholeTextOf(response) !== undefined) return response; // All of it is ours.
  const { status, body } = response;
  return new Response(body && guardedBody(body, () => outgoing.destroy()), { status, headers: givenHeaders(response) });
}

function keyMissing(upstream: string): GatewayError {
  const problem = `the gateway has no key for ${upstream}: set gateway.upstreams.${upstream}.apiKey in its configuration, or send your own key as ever, and the token in the header x-remem-token.`;
  return new GatewayError(403, "no_upstream_key", problem);
}
