import { Hono } from "hono";
import { createTokenCheck, isLoopbackHost } from "./guard.ts";
import { SAFE_HEADERS } from "./headers.ts";
import { type Listening, type ListenOptions, listen } from "./listen.ts";
import { checkViewOptions, type ViewOptions } from "./options.ts";
import { readPage } from "./page-files.ts";
import { apiRoutes } from "./routes/api.ts";

/** A page in which a cache is looked at. */
export interface View {
  /** Answers a request for a file of the page or for what it shows. */
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
  const files = readPage();
  const isAuthorized = createTokenCheck(options.token);
  const listening: Listening[] = [];

  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(SAFE_HEADERS)) context.res.headers.set(name, value);
  });
  app.use(async (context, next) => {
    if (isLoopbackHost(new URL(context.req.url).host)) return next();
    return context.text("The page is for this machine: localhost, 127.0.0.1 and [::1].", 403);
  });
  app.use("/api/*", async (context, next) => {
    if (isAuthorized(context.req.header("authorization"))) return next();
    return context.json({ error: "The token is missing or of another run." }, 401);
  });
  app.route("/api", apiRoutes(options));
  app.get("*", (context) => {
    const file = files.get(context.req.path.slice(1));
    if (file === undefined) return context.text("There is nothing here.", 404);
    const cache = file.isHashed ? "public, max-age=31536000, immutable" : "no-cache";
    return context.body(file.bytes, 200, { "content-type": file.type, "cache-control": cache });
  });
  app.onError((error, context) => context.json({ error: error.message }, 500));

  return {
    fetch: async (request) => app.fetch(request),
    async listen(where = {}) {
      const server = await listen(async (request) => app.fetch(request), where);
      listening.push(server);
      return `${server.url}/#token=${options.token}`;
    },
    async close() {
      await Promise.all(listening.splice(0).map((server) => server.close()));
    },
  };
}
