import { neighbours, showEntry } from "@remem/inspect";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { About } from "../../wire.ts";
import type { ShownCache } from "../options.ts";
import { entryView } from "../shape/entry-view.ts";
import { actionRoutes } from "./actions.ts";
import { filterIn, rowLines } from "./entries.ts";
import { overviewRoutes } from "./overview.ts";
import { lines } from "./stream.ts";
import { whyRoutes } from "./why.ts";

const MAX_BODY = 32 * 1024 * 1024;

/** The routes for the data of the page. */
export function apiRoutes(options: ShownCache): Hono {
  const { store, surfaces, place = store.name, journal, mayDelete = false, keysOf } = options;
  const api = new Hono();
  api.use(async (context, next) => {
    await next();
    context.res.headers.set("cache-control", "no-store");
  });
  api.use(
    bodyLimit({ maxSize: MAX_BODY, onError: (context) => context.json({ error: "The body is too long." }, 413) }),
  );

  api.get("/about", (context) => {
    return context.json({ place, mayDelete, mayExplain: keysOf !== undefined, journal } satisfies About);
  });
  api.get("/entries", (context) => lines(rowLines(options, filterIn(context.req.query()))));
  api.get("/entries/:key", async (context) => {
    const found = await showEntry(store, context.req.param("key"), { surfaces });
    if (found === undefined) return context.json({ error: "There is no entry with this key any more." }, 404);
    return context.json(entryView(found, options));
  });
  api.get("/entries/:key/raw", async (context) => {
    const found = await showEntry(store, context.req.param("key"), { surfaces });
    if (found === undefined) return context.json({ error: "There is no entry with this key any more." }, 404);
    return context.text(found.raw, 200, { "content-disposition": 'attachment; filename="entry.txt"' });
  });
  api.get("/entries/:key/neighbours", async (context) => {
    return context.json((await neighbours(store, context.req.param("key"), { surfaces })) ?? null);
  });
  api.route("/", whyRoutes(options));
  api.route("/", overviewRoutes(options));
  api.route("/", actionRoutes(options));
  api.all("*", (context) => context.json({ error: "There is nothing here." }, 404));
  return api;
}
