import type { CachedFetch, PlainResponse } from "@remem/fetch";
import { guardedBody, hasBody, streamedBody, wholeBody } from "./body.ts";
import { GatewayError } from "./errors.ts";
import { givenHeaders, lookUpSent, sentHeaders } from "./headers.ts";
import { withoutTimeouts } from "./no-timeouts.ts";
import type { Destination } from "./routes.ts";
import type { Exchange } from "./server.ts";

/** The connection of requests to their servers. */
export interface Way {
  readonly fetch: CachedFetch;
  readonly maxBodyBytes: number;
  /** Aborted when the caller leaves. */
  readonly signal: AbortSignal;
}

/**
 * Asks the cache, which asks the destination if it has no answer. A whole answer comes as plain data.
 * @throws {GatewayError} for a body that is too large
 */
export async function askCache(
  exchange: Exchange,
  destination: Destination,
  { fetch, maxBodyBytes, signal }: Way,
): Promise<PlainResponse | Response> {
  const { incoming } = exchange;
  const response = await fetch.respond({
    url: destination.url,
    headers: lookUpSent(incoming, destination),
    body: await wholeBody(incoming, maxBodyBytes),
    signal,
    init: () => initOf(exchange, destination),
  });
  return response instanceof Response ? given(exchange, response) : response;
}

/**
 * Sends a request to its destination, past the cache, and gives the response as it comes.
 * @throws {GatewayError} for a method that does not pass
 */
export async function forward(
  exchange: Exchange,
  destination: Destination,
  { fetch, signal }: Omit<Way, "maxBodyBytes">,
): Promise<Response> {
  const { incoming } = exchange;
  const { method = "GET" } = incoming;
  if (method === "TRACE") throw new GatewayError(405, "method_not_allowed", "the gateway does not forward TRACE.");
  const init: RequestInit = { ...initOf(exchange, destination), signal };
  if (method === "GET" || method === "HEAD" || !hasBody(incoming)) (init.headers as Headers).delete("content-length");
  else init.body = streamedBody(incoming);
  return given(exchange, await fetch(destination.url, init));
}

/** The arguments of `fetch` for a request, without its body. */
function initOf({ incoming }: Exchange, destination: Destination): RequestInit {
  const { method = "GET" } = incoming;
  const headers = sentHeaders(incoming, destination);
  return { method, headers, redirect: "manual", duplex: "half", ...withoutTimeouts() };
}

/** The response of a server as its caller gets it. */
function given({ outgoing }: Exchange, response: Response): Response {
  const { status, body } = response;
  return new Response(body && guardedBody(body, () => outgoing.destroy()), { status, headers: givenHeaders(response) });
}
