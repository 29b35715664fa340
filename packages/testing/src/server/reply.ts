import type { ServerResponse } from "node:http";
import type { JsonValue } from "@remem/core/plugin";
import type { Fault } from "../fault.ts";
import { apiError } from "./api-error.ts";

export interface Reply {
  readonly status: number;
  readonly body: JsonValue | Uint8Array;
  /** Whether `body` is server-sent events, which have no content length. */
  readonly streams?: boolean;
}

/** Sends the ordinary reply, as changed by the fault. */
export function send(response: ServerResponse, requestId: string, ordinary: Reply, fault: Fault): void {
  // Destroyed: the client has disconnected, and a write would raise an unhandled error.
  if (response.destroyed || fault.stall === "headers") return;
  if (fault.reset === "headers") {
    response.destroy();
    return;
  }
  const status = fault.status ?? ordinary.status;
  const body = fault.body === undefined ? bodyFor(fault.status, ordinary) : fault.body;
  const bytes = bytesOf(body);
  const whole = fault.stall === undefined && fault.reset === undefined;
  const streams = ordinary.streams === true && status < 300 && isRaw(body);
  response.writeHead(
    status,
    headersOf({
      "content-type": streams ? "text/event-stream" : "application/json",
      // A content length of 0 would make a cut-off empty body look complete.
      "content-length": streams || (bytes.length === 0 && !whole) ? null : String(bytes.length),
      "x-request-id": requestId,
      ...lowerCased(fault.headers ?? {}),
    }),
  );
  if (whole) {
    response.end(bytes);
    return;
  }
  response.flushHeaders();
  const half = bytes.subarray(0, bytes.length >> 1);
  // Waits until the write is flushed: buffered data is lost when the connection closes.
  const reset = (): void => response.socket?.destroySoon();
  if (half.length > 0) response.write(half, fault.reset === undefined ? undefined : reset);
  else if (fault.reset !== undefined) reset();
}

function bodyFor(status: number | undefined, ordinary: Reply): Reply["body"] {
  if (status === undefined || status < 300) return ordinary.body;
  return status < 400 ? "" : apiError(status);
}

function bytesOf(body: Reply["body"]): Uint8Array {
  return Buffer.from(isRaw(body) ? body : JSON.stringify(body));
}

/** Whether the body is sent unchanged. */
function isRaw(body: Reply["body"]): body is string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array;
}

type Headers = Readonly<Record<string, string | null>>;

function lowerCased(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
function headersOf(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((header): header is [string, string] => header[1] !== null));
}
