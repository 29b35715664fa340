import type { Hono } from "hono";
import { GatewayError } from "../errors.ts";
import type { Exchange } from "../server.ts";
import type { Callers } from "../tenants/callers.ts";
import { METRICS_TYPE, metricsText } from "./metrics-text.ts";
import { createReadiness, type ReadyCheck } from "./readiness.ts";
import type { MetricSamples } from "./samples.ts";

interface Health {
  readonly callers: Callers;
  readonly ready: ReadyCheck | undefined;
  /** The metrics of each process that belongs to the gateway. */
  readonly metrics: () => Promise<ReadonlyArray<readonly MetricSamples[]>>;
}

/** Adds the pages for machines: whether the process lives, whether it is ready, and its metrics. */
export function addHealth(app: Hono<{ Bindings: Exchange }>, { callers, ready, metrics }: Health): void {
  const problem = createReadiness(ready);
  app.get("/healthz", (context) => {
    callers.guard(context.env.incoming);
    return context.json({ status: "ok" });
  });
  app.get("/readyz", async (context) => {
    callers.guard(context.env.incoming);
    const reason = await problem();
    return reason === undefined ? context.json({ status: "ok" }) : context.json({ status: "unready", reason }, 503);
  });
  app.get("/metrics", async (context) => {
    const { caller } = callers.identify(context.env.incoming);
    if (!caller.rights.includes("metrics")) {
      const problem = `the tenant ${JSON.stringify(caller.name)} has no right to see the metrics: gateway.tenants.${caller.name}.rights.`;
      throw new GatewayError(403, "forbidden", problem);
    }
    return context.body(await metricsText(await metrics()), 200, { "content-type": METRICS_TYPE });
  });
}
