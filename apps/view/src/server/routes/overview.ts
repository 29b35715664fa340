import { stat } from "node:fs/promises";
import { readJournal } from "@remem/core/journal";
import { cacheStats, createTally } from "@remem/inspect";
import { Hono } from "hono";
import type { JournalView } from "../../wire.ts";
import type { ShownCache } from "../options.ts";

/** The figures of the store, and of the calls in the journal. */
export function overviewRoutes({ store, surfaces, journal, priceOf }: ShownCache): Hono {
  const routes = new Hono();
  routes.get("/stats", async (context) => {
    const found = await cacheStats(store, {
      surfaces,
      ...(priceOf && {
        priceOf: ({ model, tokens }) => (model && tokens ? priceOf(model, tokens, Date.now()) : undefined),
      }),
    });
    return context.json(found);
  });
  routes.get("/journal", async (context) => {
    if (journal === undefined) return context.json(null);
    const version = await versionOf(journal);
    if (version === undefined) return context.json(null);
    if (context.req.query("version") === version) return context.body(null, 204);
    return context.json(await journalView(journal, version, priceOf));
  });
  return routes;
}

/** Changes when a call was recorded. Undefined if there is no journal. */
async function versionOf(file: string): Promise<string | undefined> {
  const parts = await Promise.all([file, `${file}.1`].map((path) => stat(path).catch(() => undefined)));
  if (parts.every((part) => part === undefined)) return undefined;
  return parts.map((part) => (part === undefined ? "-" : `${part.size}.${part.mtimeMs}.${part.ino}`)).join(" ");
}

async function journalView(
  file: string,
  version: string,
  priceOf: ShownCache["priceOf"] = () => undefined,
): Promise<JournalView> {
  const tally = createTally(priceOf);
  const reader = readJournal(file);
  for await (const call of reader) tally.add(call);
  const { total, failures, notStored, from, to } = tally;
  return {
    version,
    file,
    total,
    failures,
    notStored,
    from,
    to,
    skipped: reader.skipped,
    byModel: [...tally.byModel],
    byQuarter: [...tally.byQuarter].sort(([one], [other]) => one - other),
  };
}
