import type { Command } from "commander";
import { announce } from "../gateway/announcement.ts";
import { gatewaySummary } from "../gateway/gateway-summary.ts";
import { type GatewayFlags, openGateway } from "../gateway/open-gateway.ts";
import { clientVariables } from "../gateway/variables.ts";
import { complain } from "../output/complain.ts";
import { onInterrupt } from "./interrupt.ts";

export interface ServeFlags extends GatewayFlags {
  readonly port: number;
  readonly host: string;
  readonly workers: number;
}

/** Serves the gateway until it is stopped. */
export async function serve(flags: ServeFlags, command: Command): Promise<number> {
  const { port, host, workers } = flags;
  if (workers > 1) return serveAmongWorkers(flags, command);
  const startedAt = performance.now();
  const gateway = await openGateway(flags, command, { port, hasTenants: true });
  const url = await gateway.listen({ port, host });
  const stopped = new Promise<void>((stop) => {
    onInterrupt(() => {
      console.error("remem: stopping; requests in flight get 30 s, Ctrl-C again exits immediately");
      stop();
    });
  });
  const variables = clientVariables(url, gateway.upstreams, process.env);
  announce({ url, variables, tenants: gateway.tenants }, "listening");
  await stopped;
  complain(`${gatewaySummary(await gateway.close(), performance.now() - startedAt)}\n`);
  return 0;
}

async function serveAmongWorkers(flags: ServeFlags, command: Command): Promise<number> {
  const { default: cluster } = await import("node:cluster");
  if (cluster.isPrimary) return (await import("../workers/primary.ts")).servePrimary(flags, cluster);
  return (await import("../workers/worker.ts")).serveWorker(flags, command);
}
