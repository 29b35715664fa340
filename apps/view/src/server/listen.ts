import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { checkCount, invalidOption } from "@remem/core/plugin";
import { isLoopbackHost } from "./guard.ts";

/** The address on which a view listens. */
export interface ListenOptions {
  /** 8788 by default; 0 for a free one. */
  readonly port?: number | undefined;
  /** A loopback address: 127.0.0.1 by default. */
  readonly host?: string | undefined;
}

const PORT = 8788;

/** A server on an address of this machine. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers requests to a port of this machine. */
export async function listen(
  answer: (request: Request) => Promise<Response>,
  { port = PORT, host = "127.0.0.1" }: ListenOptions,
): Promise<Listening> {
  checkCount("createView", "port", port, 0);
  const name = host.includes(":") ? `[${host}]` : host;
  if (!isLoopbackHost(name)) throw invalidOption("createView", "host", "a loopback address, such as 127.0.0.1");
  const server = createServer(getRequestListener(answer, { overrideGlobalObjects: false }));
  server.listen({ port, host });
  await once(server, "listening");
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${name}:${bound}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
