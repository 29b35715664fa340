import type { Command } from "commander";
import type { ServeFlags } from "../commands/serve.ts";
import { openGateway } from "../gateway/open-gateway.ts";
import { clientVariables } from "../gateway/variables.ts";
import type { FromPrimary, FromWorker, Gathered } from "./messages.ts";

/** Serves the gateway in one of several processes, until the primary or a signal says so. */
export async function serveWorker(flags: ServeFlags, command: Command): Promise<number> {
  try {
    await serveUntilStopped(flags, command);
    return 0;
  } finally {
    process.channel?.unref(); // Otherwise it keeps a process alive that has nothing to do.
  }
}

async function serveUntilStopped(flags: ServeFlags, command: Command): Promise<void> {
  const { port, host } = flags;
  const gathers = createGathers();
  const place = { port, hasTenants: true, gatherMetrics: gathers.ask, hasOthers: true };
  const gateway = await openGateway(flags, command, place);
  const stopped = new Promise<void>((stop) => {
    process.on("message", (message: FromPrimary) => {
      if (message.type === "stop") stop();
      else if (message.type === "gathered") gathers.answered(message.id, message.processes);
      else void gateway.metrics().then((samples) => tell({ type: "samples", id: message.id, samples }));
    });
    // A terminal, and a manager of services, send their signals to all processes, and the primary passes its own on.
    process.on("SIGINT", () => stop()).on("SIGTERM", () => stop());
  });
  const url = await gateway.listen({ port, host });
  const variables = clientVariables(url, gateway.upstreams, process.env);
  await tell({ type: "listening", url, variables, tenants: gateway.tenants });
  await stopped;
  await tell({ type: "ended", outcome: await gateway.close() });
}

/** Resolves once the primary can read the message, or has ended. */
function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

/** Asks the primary for the metrics of all workers. */
function createGathers() {
  const waiting = new Map<number, (processes: Gathered) => void>();
  let asked = 0;
  return {
    async ask(): Promise<Gathered> {
      asked += 1;
      const { promise, resolve } = Promise.withResolvers<Gathered>();
      waiting.set(asked, resolve);
      await tell({ type: "gather", id: asked });
      return promise;
    },
    answered(id: number, processes: Gathered): void {
      waiting.get(id)?.(processes);
      waiting.delete(id);
    },
  };
}
