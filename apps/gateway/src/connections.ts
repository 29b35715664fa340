import type { ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { checkCount, checkOptions } from "@remem/core/plugin";

/** How long callers may take, in milliseconds. A caller that takes longer loses its connection. */
export interface ConnectionLimits {
  /** To send the headers of a request: 20 s. */
  readonly headersMs?: number | undefined;
  /** To send a whole request: an hour, since uploads are as slow as the way to their upstream. */
  readonly requestMs?: number | undefined;
  /** To go on, for a caller that is to send its body, or to read its answer, and does neither: 2 minutes. */
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
/** How late a caller may be noticed to be too slow. Looking costs nothing that could be measured. */
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
    insecureHTTPParser: false, // Also where the options of the process say so: what it lets pass smuggles requests.
  };
}

/** How long a connection may be silent before it is looked at. */
export const stallMs = (limits: ConnectionLimits | undefined): number => limits?.stallMs ?? STALL_MS;

/**
 * Ends the connection of a silent caller, if it is the caller's turn: to read what was written for it, or to send what is still missing of
 * its body. Otherwise it waits for an answer, for as long as it likes. A listener of `timeout`.
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
  // A process that was busy, or stopped, has still to take what has arrived meanwhile.
  if (isStalled()) setImmediate(() => isStalled() && socket.bytesRead === bytesRead && socket.destroy());
}
