import { checkOptions } from "@remem/core/plugin";
import { Hono, type MiddlewareHandler } from "hono";
import { SAFE_HEADERS } from "./headers.ts";
import { type ShownCache, shownPart } from "./options.ts";
import { readPage } from "./page-files.ts";
import { apiRoutes } from "./routes/api.ts";

/** The path of a page, and the source of its token. */
export interface PageOptions {
  /** The path that it is under, such as `/_remem`. It is the root by default. */
  readonly path?: string | undefined;
  /**
   * Whether the page asks its user for a token, which does not expire. It then keeps the token no longer than its tab is open.
   * By default it takes the token from its address, and shares it with its other tabs.
   */
  readonly asksForToken?: boolean | undefined;
}

/** Answers a request. */
export type Answer = (request: Request) => Promise<Response>;

/**
 * Makes the function that answers requests for the files of the page. They reveal nothing of a cache, so anybody may read them.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function createPageFiles(options: PageOptions = {}): Answer {
  checkOptions("createPageFiles", options, { path: true, asksForToken: true });
  const { path = "", asksForToken = false } = options;
  const files = readPage(asksForToken);
  const app = new Hono();
  app.use(safely);
  app.get("*", (context) => {
    const file = files.get(context.req.path.slice(path.length + 1));
    if (file === undefined) return context.text("There is nothing here.", 404);
    const cache = file.isHashed ? "public, max-age=31536000, immutable" : "no-cache";
    const headers = { "content-type": file.type, "cache-control": cache, vary: "accept-encoding" };
    const takesZipped = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(context.req.header("accept-encoding") ?? "");
    if (!takesZipped) return context.body(file.bytes, 200, headers);
    return context.body(file.zipped(), 200, { ...headers, "content-encoding": "gzip" });
  });
  return async (request) => app.fetch(request);
}

/**
 * Makes the function that answers requests of the page for data, under `<path>/api/`. It checks no token: its caller must know
 * already that the sender may see the cache.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function createPageApi(shown: ShownCache, { path = "" }: Pick<PageOptions, "path"> = {}): Answer {
  const app = new Hono();
  app.use(safely);
  app.route(`${path}/api`, apiRoutes(shownPart("createPageApi", shown)));
  app.onError((error, context) => context.json({ error: error.message }, 500));
  return async (request) => app.fetch(request);
}

const safely: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(SAFE_HEADERS)) context.res.headers.set(name, value);
};
