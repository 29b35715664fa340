import { RememError } from "@remem/core/plugin";
import type { Hono } from "hono";
import { GatewayError } from "../errors.ts";
import type { Exchange } from "../server.ts";
import type { Callers } from "../tenants/callers.ts";
import { METRICS_TYPE, metricsText } from "./metrics-text.ts";
import type { MetricSamples } from "./samples.ts";

/** Whether a gateway can do its work. It is rejected, or takes too long, where it cannot. */
export type ReadyCheck = () => unknown;

const READY_MS = 2_000;

/**
 * Returns why a gateway is not ready, if it is not. Concurrent questions are one.
 * @internal
 */
export function createReadiness(check: ReadyCheck | undefined): () => Promise<string | undefined> {
  let asked: Promise<string | undefined> | undefined;
  async function problemOf(check: ReadyCheck): Promise<string | undefined> {
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve(`the check takes longer than ${READY_MS / 1_000} s`), READY_MS);
    try {
      return await Promise.race<string | undefined>([late.promise, passed(check)]);
    } catch (error) {
      // Its text may tell of addresses, and whoever reads the page may be anybody.
      return `the check has failed${RememError.is(error) ? `: ${error.code}` : ""}`;
    } finally {
      clearTimeout(timer);
    }
  }
  return async () => {
    if (check === undefined) return undefined;
    asked ??= problemOf(check).finally(() => {
      asked = undefined;
    });
    return asked;
  };
}

async function passed(check: ReadyCheck): Promise<undefined> {
  await check();
}

interface Health {
  readonly callers: Callers;
  readonly ready: ReadyCheck | undefined;
  /** The metrics of each process that belongs to the gateway. */
  readonly metrics: () => Promise<ReadonlyArray<readonly MetricSamples[]>>;
}

/** Adds the pages that machines read: whether the process lives, whether it is ready, and its metrics. */
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
