import type { IncomingMessage } from "node:http";
import { GatewayError } from "./errors.ts";

/** Whether a request has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/**
 * Reads a whole body.
 * @throws {GatewayError} for one that is larger
 */
export async function wholeBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of piecesOf(incoming)) {
    length += piece.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces, length));
}

/** A body that is read as it is sent. */
export function streamedBody(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  return ReadableStream.from(piecesOf(incoming));
}

/** A reader that stops early leaves the connection open: it still has to be answered. */
function piecesOf(incoming: IncomingMessage): AsyncIterable<Uint8Array> {
  return incoming.iterator({ destroyOnReturn: false });
}

/**
 * The body of a response, which ends `broken` where the upstream's ends in the middle: a caller must not take it for a whole one.
 */
export function guardedBody(body: ReadableStream<Uint8Array>, broken: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch {
          broken();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(413, "request_too_large", `the body of the request has more than ${maxBytes} bytes.`);
}
