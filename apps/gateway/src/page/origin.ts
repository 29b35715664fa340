import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether a page of another site has sent a request. Such a request has no token, so this check only refuses it sooner. A proxy
 * that ends TLS may tell the gateway another host than the browser knows. The browser itself reports whether the sites are the
 * same, over TLS and on its own machine.
 */
export function isForeign({ origin, host, "sec-fetch-site": site }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  return origin !== undefined && URL.parse(origin)?.host !== host;
}
