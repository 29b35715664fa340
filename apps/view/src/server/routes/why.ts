import { messageOf } from "@remem/core/plugin";
import { explain } from "@remem/inspect";
import { Hono } from "hono";
import type { WhyAnswer } from "../../wire.ts";
import type { ShownCache } from "../options.ts";
import { boundedJson } from "../shape/bounded-json.ts";

/** As many as the command shows. */
const NEAREST = 3;

/** Says why a pasted request misses. */
export function whyRoutes({ store, surfaces, keysOf }: ShownCache): Hono {
  return new Hono().post("/explain", async (context) => {
    if (keysOf === undefined) return context.json({ error: "This page explains no requests." }, 404);
    const text = await context.req.text();
    try {
      const asked = await keysOf(text);
      let item = 0;
      let explanation = await explain(store, asked[0]!, { surfaces, limit: NEAREST });
      // Of several items, such as texts of embeddings, the first that is not stored is explained.
      while (explanation.isStored && item + 1 < asked.length) {
        item += 1;
        explanation = await explain(store, asked[item]!, { surfaces, limit: NEAREST });
      }
      const nearest = explanation.nearest.map(({ differences, ...entry }) => ({
        ...entry,
        differences: differences.map((one) => ({
          ...one,
          ...(one.stored !== undefined && { stored: boundedJson(one.stored).value }),
          ...(one.asked !== undefined && { asked: boundedJson(one.asked).value }),
        })),
      }));
      return context.json({ ...explanation, nearest, item, items: asked.length } satisfies WhyAnswer);
    } catch (error) {
      return context.json({ error: messageOf(error) }, 400);
    }
  });
}
