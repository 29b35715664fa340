import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Listening {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Closes every connection at once, even one that waits for its answer. May be called again. */
  close(): Promise<void>;
}

/** Starts a server on 127.0.0.1. */
export async function listen(
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>,
  failed: (response: ServerResponse, requestId: string, error: unknown) => void,
): Promise<Listening> {
  let received = 0;
  let closed: Promise<void> | undefined;
  // Keeps idle connections open: a client about to reuse one would see an unscripted reset.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const requestId = `req_${String(++received).padStart(8, "0")}`;
    answer(request, response, requestId).catch((error: unknown) => failed(response, requestId, error));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

export async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
