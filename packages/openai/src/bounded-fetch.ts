import { isTooDeep, orAborted } from "@remem/core";
import { isRetryPointless } from "./retry-policy.ts";

export interface BoundedFetch {
  readonly fetch: typeof fetch;
  /** Whether the last attempt ended because its time was up. */
  timedOut(): boolean;
}

export interface BoundedFetchOptions {
  /** The longest wait between two attempts that a server may ask for. */
  longestWaitMs(): number;
  /** What a body may take, decompressed. */
  readonly maxBytes: number;
}

/** So many characters of an error that cannot be read as JSON are shown. */
const EXCERPT_LENGTH = 200;

/**
 * A `fetch` for the SDK that reads the whole body before it resolves. The SDK's time limit of an attempt ends with its
 * call of `fetch`, so a body that stalls, resets or ends early is then a failed attempt like any other, in every version.
 * It tells the SDK not to retry where that cannot help: no quota left, or a `Retry-After` beyond `longestWaitMs()`.
 * A redirect is not followed, since the credentials would go along.
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
      const response = await orAborted(fetch(input, { ...init, redirect: "manual" }), signal);
      return await orAborted(bufferBody(response), signal);
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

/** Undefined for a body beyond the limit, of which the rest is not read: a small one can unpack to gigabytes. */
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

/** A body rather than an error, which the SDK would take for a lost connection: of a 200, too, it would ask again. */
function tooLargeBody(maxBytes: number): string {
  return JSON.stringify({ error: { message: `The answer takes more than ${maxBytes} bytes (\`maxResponseBytes\`).` } });
}

/** The SDK writes the JSON of an error out, and runs out of stack over what is nested too deep: of that, a text. */
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
