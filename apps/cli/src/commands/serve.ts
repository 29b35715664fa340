import type { Command } from "commander";
import { type GatewayFlags, openGateway } from "../gateway/open-gateway.ts";
import { clientVariables } from "../gateway/variables.ts";
import { complain } from "../output/complain.ts";
import { onInterrupt } from "./interrupt.ts";

export interface ServeFlags extends GatewayFlags {
  readonly port: number;
  readonly host: string;
}

/** Serves the gateway until it is stopped. */
export async function serve(flags: ServeFlags, command: Command): Promise<number> {
  const { port, host } = flags;
  const gateway = await openGateway(flags, command, { port, hasTenants: true });
  const url = await gateway.listen({ port, host });
  const stopped = new Promise<void>((stop) => {
    onInterrupt(() => {
      console.error("remem: stopping; requests in flight get 30 s, Ctrl-C again exits immediately");
      stop();
    });
  });
  const { tenants } = gateway;
  const whose = tenants === undefined ? "" : `, each with its token as the API key (${tenants.join(", ")})`;
  console.error(`remem: listening on ${url}; for clients in another shell${whose}:`);
  for (const [name, value] of Object.entries(clientVariables(url, gateway.upstreams, process.env))) {
    console.log(`export ${name}=${value}`);
  }
  await stopped;
  complain(`${await gateway.close()}\n`);
  return 0;
}
