import { isTooDeep, raceSignal } from "@remem/core/plugin";
import { isRetryPointless } from "./retry-policy.ts";

export interface BoundedFetch {
  readonly fetch: typeof fetch;
  /** Whether the last attempt timed out. */
  timedOut(): boolean;
}

export interface BoundedFetchOptions {
  /** The longest delay between two attempts that a server may ask for. */
  longestWaitMs(): number;
  /** The size limit of a body after decompression. */
  readonly maxBytes: number;
}

/** How many characters of an error body are kept if its JSON is too deep for the SDK. */
const EXCERPT_LENGTH = 200;

/**
 * A `fetch` for the SDK that reads the whole body before it resolves. The SDK's timeout of an attempt ends when `fetch`
 * resolves; this way a body that stalls, resets or ends early fails the attempt, in every version of the SDK. Tells the SDK
 * not to retry when that is pointless: quota exhausted, or a `Retry-After` beyond `longestWaitMs()`. Does not follow
 * redirects, which would forward the credentials.
 */
export function boundedFetch(
  fetch: typeof globalThis.fetch,
  { longestWaitMs, maxBytes }: BoundedFetchOptions,
): BoundedFetch {
  let timedOut = false;

  async function fetchWhole(input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> {
    timedOut = false;
    const signal = init.signal ?? undefined;
    try {
      const response = await raceSignal(fetch(input, { ...init, redirect: "manual" }), signal);
      return await raceSignal(bufferBody(response), signal);
    } catch (error) {
      timedOut = signal?.aborted === true;
      throw error;
    }
  }

  async function bufferBody(response: Response): Promise<Response> {
    const { status, statusText } = response;
    const headers = new Headers(response.headers);
    const text = await readText(response, maxBytes);
    if (text === undefined) headers.set("content-type", "application/json");
    const body = text ?? tooLargeBody(maxBytes);
    if (!response.ok && isRetryPointless(headers, body, longestWaitMs())) headers.set("x-should-retry", "false");
    return new Response(allowsBody(status) ? (response.ok ? body : withoutDeepJson(body)) : null, {
      status,
      statusText,
      headers,
    });
  }

  return { fetch: fetchWhole, timedOut: () => timedOut };
}

/** Reads a body as text; undefined if it exceeds the limit, which stops reading: a small one can unpack to gigabytes. */
async function readText({ body }: Response, maxBytes: number): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.length;
    if (bytes > maxBytes) return undefined; // Leaving the loop cancels the body.
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

/** A body rather than an exception, which the SDK would treat as a lost connection and retry even after a 200. */
function tooLargeBody(maxBytes: number): string {
  return JSON.stringify({ error: { message: `The answer is larger than ${maxBytes} bytes (\`maxResponseBytes\`).` } });
}

/** Replaces deeply nested JSON by an excerpt as text: the SDK stringifies error bodies and would overflow the stack. */
function withoutDeepJson(body: string): string {
  try {
    return isTooDeep(JSON.parse(body)) ? body.slice(0, EXCERPT_LENGTH) : body;
  } catch {
    return body;
  }
}

function allowsBody(status: number): boolean {
  return status !== 204 && status !== 205 && status !== 304;
}
