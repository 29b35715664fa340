import type { ServerResponse } from "node:http";
import type { JsonValue } from "@remem/core";
import { apiError } from "./api-error.ts";
import type { Fault } from "./fault.ts";

export interface Reply {
  readonly status: number;
  readonly body: JsonValue | Uint8Array;
}

/** Sends what would ordinarily be sent, with what the fault makes of it. */
export function send(response: ServerResponse, requestId: string, ordinary: Reply, fault: Fault): void {
  // Destroyed: the client has left, and what is written to it would be an error that nobody handles.
  if (response.destroyed || fault.stall === "headers") return;
  if (fault.reset === "headers") {
    response.destroy();
    return;
  }
  const bytes = bytesOf(fault.body === undefined ? bodyFor(fault.status, ordinary) : fault.body);
  response.writeHead(
    fault.status ?? ordinary.status,
    headersOf({
      "content-type": "application/json",
      "content-length": String(bytes.length),
      "x-request-id": requestId,
      ...lowerCased(fault.headers ?? {}),
    }),
  );
  if (fault.stall === undefined && fault.reset === undefined) {
    response.end(bytes);
    return;
  }
  response.flushHeaders();
  response.write(bytes.subarray(0, bytes.length >> 1));
  if (fault.reset !== undefined) response.socket?.destroySoon();
}

function bodyFor(status: number | undefined, ordinary: Reply): Reply["body"] {
  if (status === undefined || status < 300) return ordinary.body;
  return status < 400 ? "" : apiError(status);
}

function bytesOf(body: Reply["body"]): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

type Headers = Readonly<Record<string, string | null>>;

function lowerCased(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
function headersOf(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((header): header is [string, string] => header[1] !== null));
}
