import type { IncomingMessage } from "node:http";

/**
 * Why a request is not served, although it has come from this machine: a page in a browser must not spend the user's money. A page
 * can reach loopback addresses through a name of its own (DNS rebinding), or across origins.
 */
export function whyForbidden({ url = "", headers, headersDistinct }: IncomingMessage): string | undefined {
  const host = url.startsWith("/") ? onlyOf(headersDistinct.host) : URL.parse(url)?.host;
  if (host === undefined || !isLoopbackHost(host)) {
    return "the gateway answers requests to localhost, 127.0.0.1 and [::1] alone, and this one names another host.";
  }
  const { origin, "sec-fetch-site": site } = headers;
  const isForeign = origin === undefined ? site === "cross-site" : !isLoopbackHost(URL.parse(origin)?.host ?? "");
  return isForeign ? "the gateway answers no pages of other origins." : undefined;
}

/** Whether a name, with a port or without, is one of this machine. */
export function isLoopbackHost(host: string): boolean {
  if (!/^(?:[\w.-]+|\[[\da-f:]+\])(?::\d*)?$/i.test(host)) return false;
  const { hostname } = URL.parse(`http://${host}`) ?? {};
  return hostname !== undefined && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function onlyOf(values: readonly string[] | undefined): string | undefined {
  return values?.length === 1 ? values[0] : undefined;
}
