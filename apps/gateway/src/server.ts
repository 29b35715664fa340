import { createServer as createHttpServer, type Server as HttpServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { checkCount, invalidOption, RememError } from "@remem/core/plugin";
import type { PlainResponse } from "@remem/fetch";
import { type ConnectionLimits, endIfStalled, serverOptions, stallMs } from "./connections.ts";
import { isLoopbackHost } from "./guard.ts";
import type { Observer } from "./observe/observer.ts";
import { GatewayRequest } from "./observe/request.ts";
import { createTextSender } from "./text-sender.ts";

/** The address on which a gateway listens. */
export interface ListenOptions {
  /** 8787 by default; 0 for a free one. */
  readonly port?: number | undefined;
  /** A loopback address, or any address if there are tenants. 127.0.0.1 by default. */
  readonly host?: string | undefined;
}

const PORT = 8787;
const GRACE_MS = 30_000;

/** A request and its response, as Node has them. */
export interface Exchange {
  readonly incoming: GatewayRequest;
  readonly outgoing: ServerResponse;
}

/** A server on an address of this machine. */
export interface Server {
  listen(options?: ListenOptions): Promise<string>;
  close(graceMs?: number): Promise<void>;
}

/** Answers the requests of a server. */
export interface Handlers {
  /** Whether it may listen for other machines. */
  readonly isOpen: boolean;
  readonly connections: ConnectionLimits | undefined;
  readonly observer: Observer;
  /** Answers a request on the shortest way. Undefined if `answer` has to answer it; then its body is unread. */
  direct(exchange: Exchange, signal: () => AbortSignal): Promise<PlainResponse | Response> | undefined;
  answer(request: Request, exchange: Exchange): Response | Promise<Response>;
  /** Makes the response to a request that cannot be read, or comes too late. */
  refusal(status: 400 | 503): Response;
}

/** Creates a server. */
export function createServer(where: string, handlers: Handlers): Server {
  const { isOpen, connections, observer, direct, answer, refusal } = handlers;
  const sendText = createTextSender();
  let running = 0;
  let drained: (() => void) | undefined;
  const listenerFor = (respond: (request: Request, exchange: Exchange) => Response | Promise<Response>) =>
    getRequestListener((request, exchange) => respond(request, exchange as Exchange), {
      overrideGlobalObjects: false,
      errorHandler: () => refusal(400),
    });
  const listener = listenerFor((request, exchange) => {
    if (drained === undefined) return answer(request, exchange);
    exchange.incoming.refusal = "closing";
    return refusal(503);
  });

  async function send({ incoming, outgoing }: Exchange, answered: Promise<PlainResponse | Response>): Promise<void> {
    const response = await answered;
    if (!(response instanceof Response)) {
      sendText(outgoing, response);
      return;
    }
    try {
      await listenerFor(() => response)(incoming, outgoing);
    } catch {
      outgoing.destroy(); // A server has sent a header that cannot be passed on.
    }
  }
  const options = { ...serverOptions(connections), IncomingMessage: GatewayRequest };
  const server = createHttpServer(options, (incoming, outgoing) => {
    running += 1;
    if (drained !== undefined) outgoing.setHeader("connection", "close");
    let caller: AbortController | undefined;
    outgoing.on("timeout", endIfStalled);
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) caller?.abort(new Error("The caller has left."));
      running -= 1;
      observer.ended(incoming, outgoing);
      if (running === 0) drained?.();
    });
    const exchange = { incoming, outgoing };
    const signal = (): AbortSignal => {
      caller ??= new AbortController();
      return caller.signal;
    };
    observer.began(incoming, () => {
      const answered = drained === undefined ? direct(exchange, signal) : undefined;
      if (answered !== undefined) void send(exchange, answered);
      else void listener(incoming, outgoing);
    });
  });
  server.timeout = stallMs(connections);

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
      // A client cannot use the address of all interfaces.
      const own = host === "0.0.0.0" ? "127.0.0.1" : host === "::" || host === "[::]" ? "::1" : host;
      return `http://${inBrackets(own)}:${(server.address() as AddressInfo).port}`;
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
