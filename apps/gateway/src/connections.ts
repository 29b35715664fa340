import type { ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { checkCount, checkOptions } from "@remem/core/plugin";

/** How long callers may take, in milliseconds. A caller that takes longer loses its connection. */
export interface ConnectionLimits {
  /** To send the headers of a request: 20 s. */
  readonly headersMs?: number | undefined;
  /** To send a whole request: an hour, because uploads are as slow as their way to the upstream. */
  readonly requestMs?: number | undefined;
  /** To continue sending the body or reading the answer: 2 minutes. */
  readonly stallMs?: number | undefined;
  /** To send another request on the same connection: 75 s, so that few clients use one that is being closed. */
  readonly keepAliveMs?: number | undefined;
}

const HEADERS_MS = 20_000;
const REQUEST_MS = 3_600_000;
const STALL_MS = 120_000;
const KEEP_ALIVE_MS = 75_000;
const KNOWN = {
  headersMs: true,
  requestMs: true,
  stallMs: true,
  keepAliveMs: true,
} as const satisfies Record<keyof ConnectionLimits, true>;
const NAMES = Object.keys(KNOWN) as ReadonlyArray<keyof ConnectionLimits>;
/** The maximum delay until a slow caller is noticed. The cost of the checks is not measurable. */
const MAX_CHECK_MS = 5_000;

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkConnectionLimits(where: string, limits: ConnectionLimits | undefined): void {
  if (limits === undefined) return;
  checkOptions(`${where}: \`connections\``, limits, KNOWN);
  for (const name of NAMES) checkCount(where, `connections.${name}`, limits[name]);
}

/** The options of a server that keeps to the limits. */
export function serverOptions(limits: ConnectionLimits = {}): ServerOptions {
  const { headersMs = HEADERS_MS, requestMs = REQUEST_MS, keepAliveMs = KEEP_ALIVE_MS } = limits;
  return {
    headersTimeout: Math.min(headersMs, requestMs),
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(MAX_CHECK_MS, headersMs, requestMs),
    keepAliveTimeout: keepAliveMs,
    insecureHTTPParser: false, // Even if the options of the process say otherwise: the insecure parser allows request smuggling.
  };
}

/** How long a connection may be silent before it is looked at. */
export const stallMs = (limits: ConnectionLimits | undefined): number => limits?.stallMs ?? STALL_MS;

/**
 * Ends the connection of a silent caller that has to act: to read its response, or to send the rest of its body. Otherwise the
 * caller waits for an answer, without a limit. A listener of `timeout`.
 */
export function endIfStalled(this: ServerResponse, socket: Socket): void {
  const { req: request } = this;
  const isStalled = (): boolean => {
    const isToRead = this.writableLength > 0 || socket.writableLength > 0;
    const isToSend = !request.complete && request.readableLength === 0;
    return isToRead || isToSend;
  };
  socket.setTimeout(socket.timeout ?? 0); // Looks again after the same time.
  const { bytesRead } = socket;
  // A process that was busy or stopped has not yet read the data that has arrived meanwhile.
  if (isStalled()) setImmediate(() => isStalled() && socket.bytesRead === bytesRead && socket.destroy());
}
