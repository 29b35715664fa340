import { createTokenCheck, isLoopbackHost } from "./guard.ts";
import { SAFE_HEADERS } from "./headers.ts";
import { type Listening, type ListenOptions, listen } from "./listen.ts";
import { checkViewOptions, type ViewOptions } from "./options.ts";
import { createPageApi, createPageFiles } from "./page.ts";

/** A page that shows a cache. */
export interface View {
  /** Answers a request for a file of the page or for its data. */
  fetch(request: Request): Promise<Response>;
  /** Listens on a port of this machine. Returns the address of the page, which has the token in it. */
  listen(options?: ListenOptions): Promise<string>;
  /** Ends listening. */
  close(): Promise<void>;
}

/**
 * Creates the page for a cache. The token is in the fragment of its address, which no browser sends to a server, and the page puts it
 * into a header. A cookie would go to every other program that listens on this machine: a browser's cookies know no ports.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function createView(options: ViewOptions): View {
  checkViewOptions(options);
  const { token, ...shown } = options;
  const isAuthorized = createTokenCheck(token);
  const files = createPageFiles();
  const api = createPageApi(shown);
  const listening: Listening[] = [];

  async function answer(request: Request): Promise<Response> {
    const { host, pathname } = new URL(request.url);
    if (!isLoopbackHost(host)) {
      const headers = { ...SAFE_HEADERS };
      return new Response("The page is for this machine: localhost, 127.0.0.1 and [::1].", { status: 403, headers });
    }
    if (!pathname.startsWith("/api/")) return files(request);
    if (isAuthorized(request.headers.get("authorization") ?? undefined)) return api(request);
    const error = "The token is missing or of another run.";
    return Response.json({ error }, { status: 401, headers: { ...SAFE_HEADERS } });
  }
  return {
    fetch: answer,
    async listen(where = {}) {
      const server = await listen(answer, where);
      listening.push(server);
      return `${server.url}/#token=${token}`;
    },
    async close() {
      await Promise.all(listening.splice(0).map((server) => server.close()));
    },
  };
}
