import type { IncomingMessage } from "node:http";

/**
 * Why a request is not served, although it has come from this machine: a page in a browser must not spend the user's money. A page
 * can reach loopback addresses through a name of its own (DNS rebinding), or across origins.
 */
export function whyForbidden({ url = "", headers, rawHeaders }: IncomingMessage): string | undefined {
  const host = url.startsWith("/") ? onlyHostIn(rawHeaders) : URL.parse(url)?.host;
  if (host === undefined || !isLoopbackHost(host)) {
    return "the gateway answers requests to localhost, 127.0.0.1 and [::1] alone, and this one names another host.";
  }
  const { origin, "sec-fetch-site": site } = headers;
  const isForeign = origin === undefined ? site === "cross-site" : !isLoopbackHost(URL.parse(origin)?.host ?? "");
  return isForeign ? "the gateway refuses pages of other origins." : undefined;
}

/** A host that was one of this machine when it was last looked at: a client names the same in all its requests. */
let known: string | undefined;

/** Whether a name, with a port or without, is one of this machine. */
export function isLoopbackHost(host: string): boolean {
  if (host === known) return true;
  if (!/^(?:[\w.-]+|\[[\da-f:]+\])(?::\d*)?$/i.test(host)) return false;
  const { hostname } = URL.parse(`http://${host}`) ?? {};
  if (hostname === undefined || !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) return false;
  known = host;
  return true;
}

/** The value of the header `Host`, unless there are several. */
function onlyHostIn(rawHeaders: readonly string[]): string | undefined {
  let host: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length !== "host".length || name.toLowerCase() !== "host") continue;
    if (host !== undefined) return undefined;
    host = rawHeaders[at + 1];
  }
  return host;
}
