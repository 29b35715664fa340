import { entryRecord, showEntry } from "@remem/inspect";
import { Hono } from "hono";
import type { ShownCache } from "../options.ts";
import { lines } from "./stream.ts";

/** The actions on chosen entries: each request names their keys. */
export function actionRoutes(options: ShownCache): Hono {
  const { store, mayDelete = false } = options;
  const actions = new Hono();
  actions.post("/export", async (context) => {
    const keys = keysIn(await context.req.json());
    return keys === undefined ? context.json(NO_KEYS, 400) : lines(records(keys, options));
  });
  if (mayDelete) {
    actions.post("/delete", async (context) => {
      const keys = keysIn(await context.req.json());
      if (keys === undefined) return context.json(NO_KEYS, 400);
      let deleted = 0;
      for (const key of keys) if (await store.delete(key)) deleted += 1;
      return context.json({ deleted });
    });
  }
  return actions;
}

const NO_KEYS = { error: "The body must be an object with a list of `keys`." };

function keysIn(body: unknown): readonly string[] | undefined {
  const { keys } = (body ?? {}) as { keys?: unknown };
  return Array.isArray(keys) && keys.every((key) => typeof key === "string") ? keys : undefined;
}

/** Entries as `remem show --json` prints them. */
async function* records(keys: readonly string[], { store, surfaces }: ShownCache): AsyncGenerator<object> {
  for (const key of keys) {
    const found = await showEntry(store, key, { surfaces });
    if (found !== undefined) yield entryRecord(found);
  }
}
