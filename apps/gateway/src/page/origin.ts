import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether a page of another site has sent a request. It has no token, so that this only tells it sooner. What ends TLS may name another host
 * to the gateway than to the browser, which says itself whether the sites are one where it can: over TLS and on its own machine.
 */
export function isForeign({ origin, host, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  return origin !== undefined && URL.parse(origin)?.host !== host;
}
