import type { ServerResponse } from "node:http";
import type { PlainResponse } from "@remem/fetch";

/** More responses would keep much in memory while they wait, and gain nothing. */
const MAX_WAITING = 8;

/**
 * Creates a function that sends whole bodies. A response waits for the requests that have arrived together with its own, so that several
 * responses in a row wake the process that reads them once. To wake it for each one takes a quarter of the CPU time of a hit.
 */
export function createTextSender(): (outgoing: ServerResponse, response: PlainResponse) => void {
  let waiting: Array<() => void> = [];

  function sendAll(): void {
    const sends = waiting;
    waiting = [];
    for (const send of sends) send();
  }
  return (outgoing, response) => {
    waiting.push(() => sendText(outgoing, response));
    if (waiting.length === 1) setImmediate(sendAll);
    else if (waiting.length >= MAX_WAITING) sendAll();
  };
}

function sendText(outgoing: ServerResponse, { status, headers, text }: PlainResponse): void {
  try {
    outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) }).end(text);
  } catch {
    outgoing.destroy(); // Somebody has stored a header that cannot be sent.
  }
}
