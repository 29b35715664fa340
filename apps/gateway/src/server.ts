import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { checkCount, invalidOption, RememError } from "@remem/core/plugin";
import { isLoopbackHost } from "./guard.ts";

/** Where a gateway listens. */
export interface ListenOptions {
  /** 8787 by default; 0 for a free one. */
  readonly port?: number | undefined;
  /** A loopback address, or any one where there are tenants: 127.0.0.1 by default. */
  readonly host?: string | undefined;
}

const PORT = 8787;
const GRACE_MS = 30_000;
/** Uploads are as slow as the way to their upstream. */
const REQUEST_MS = 3_600_000;
/** Longer than clients keep a connection, so that none sends a request on one that is being closed. */
const KEEP_ALIVE_MS = 75_000;

/** A request and its response, as Node has them. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** A server on an address of this machine. */
export interface Server {
  listen(options?: ListenOptions): Promise<string>;
  close(graceMs?: number): Promise<void>;
}

/** Sends a body that is whole already, which a response would be read for as a stream. Returns what says so to the listener. */
export function sendText(outgoing: ServerResponse, { status, headers }: Response, text: string): Response {
  outgoing.writeHead(status, { ...Object.fromEntries(headers), "content-length": Buffer.byteLength(text) }).end(text);
  return RESPONSE_ALREADY_SENT;
}

/**
 * Creates a server. `refusal` makes the response to a request that cannot be read, or comes too late. One that `isOpen` may listen
 * for other machines.
 */
export function createServer(
  where: string,
  answer: (request: Request, exchange: Exchange) => Response | Promise<Response>,
  refusal: (status: 400 | 503) => Response,
  { isOpen }: { readonly isOpen: boolean },
): Server {
  let running = 0;
  let drained: (() => void) | undefined;
  const listener = getRequestListener(
    (request, exchange) => (drained === undefined ? answer(request, exchange as Exchange) : refusal(503)),
    { overrideGlobalObjects: false, errorHandler: () => refusal(400) },
  );
  const options = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS };
  const server = createHttpServer(options, (incoming, outgoing) => {
    running += 1;
    if (drained !== undefined) outgoing.setHeader("connection", "close");
    outgoing.once("close", () => {
      running -= 1;
      if (running === 0) drained?.();
    });
    void listener(incoming, outgoing);
  });

  async function close(graceMs = GRACE_MS): Promise<void> {
    if (!server.listening) return;
    const ended = Promise.withResolvers<void>();
    const closed = new Promise((resolve) => server.close(resolve));
    drained = ended.resolve;
    if (running === 0) ended.resolve();
    const timer = setTimeout(ended.resolve, graceMs);
    await ended.promise;
    clearTimeout(timer);
    server.closeAllConnections();
    await closed;
  }
  return {
    async listen({ port = PORT, host = "127.0.0.1" } = {}) {
      checkCount(where, "port", port, 0);
      if (typeof host !== "string" || host === "") throw invalidOption(where, "host", "an address of this machine");
      if (!isOpen && !isLoopbackHost(inBrackets(host))) {
        const expected =
          "a loopback address, such as 127.0.0.1, where there are no `tenants`: the gateway asks for no token";
        throw invalidOption(where, "host", expected);
      }
      await listening(where, server, port, host);
      return `http://${inBrackets(host)}:${(server.address() as AddressInfo).port}`;
    },
    close,
  };
}

const inBrackets = (host: string): string => (host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);

function listening(where: string, server: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const problem = PROBLEMS[cause.code ?? ""] ?? `cannot be listened on: ${cause.message}`;
      reject(new RememError("INVALID_OPTION", `${where}: \`port\` ${port} of ${host} ${problem}.`, { cause }));
    });
    server.listen(port, host.replace(/^\[(.*)\]$/, "$1"), resolve);
  });
}

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is in use. Choose another, or 0 for a free one",
  EACCES: "needs privileges. Choose one from 1024",
};
