import type { IncomingMessage } from "node:http";
import { GatewayError } from "./errors.ts";

/** Whether a request has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Reads a whole body. Rejects with a `GatewayError` for one that is larger, whose rest stays unread. */
export function wholeBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    // An iterator takes longer than an answer from memory.
    function add(piece: Uint8Array): void {
      length += piece.length;
      if (length <= maxBytes) {
        pieces.push(piece);
        return;
      }
      incoming.off("data", add).pause();
      reject(tooLarge(maxBytes));
    }
    incoming.on("data", add);
    incoming.on("end", () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length)));
    incoming.on("error", reject);
  });
}

/** A body that is read as it is sent. A reader that stops early leaves the connection open: it still has to be answered. */
export function streamedBody(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  return ReadableStream.from(incoming.iterator({ destroyOnReturn: false }));
}

/** The body of a response. If the upstream's body breaks off, it calls `broken`: a caller must not take it for a whole one. */
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
