import { type JsonObject, parseJson } from "@remem/core";
import { type Control, controlOf, OWN } from "./control.ts";

/** A request that may be cached: a POST of a JSON object. */
export interface Fetched {
  readonly url: URL;
  /** The headers, the caller's credentials among them. */
  readonly headers: Headers;
  readonly control: Control;
  readonly signal: AbortSignal | undefined;
  readonly body: JsonObject;
  /** Sends it to the server, with this body if it is another one. Other options of `fetch` stay as the caller gave them. */
  send(fetch: typeof globalThis.fetch, signal: AbortSignal | undefined, body?: JsonObject): Promise<Response>;
}

/**
 * Reads the arguments of `fetch`. Undefined where they are no POST to an address that `isKnown`, or have a body that is not JSON:
 * such a request passes through, and its body stays unread.
 */
export async function fetchedRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
  isKnown: (url: URL) => boolean,
): Promise<Fetched | undefined> {
  const request = input instanceof Request ? input : undefined;
  const method = init?.method ?? request?.method ?? "GET";
  if (method.toUpperCase() !== "POST") return undefined;
  const url = URL.parse(request?.url ?? String(input));
  if (url === null || !isKnown(url)) return undefined;
  const text = await textIn(request, init?.body);
  const body = text === undefined ? undefined : objectIn(text);
  if (text === undefined || body === undefined) return undefined;
  const headers = new Headers(init?.headers ?? request?.headers);
  return {
    url,
    headers,
    control: controlOf(headers),
    signal: init?.signal ?? request?.signal ?? undefined,
    body,
    send(fetch, signal, other) {
      const { signal: _, body: __, headers: ___, ...rest } = init ?? {};
      const options = {
        ...(request && optionsOf(request)),
        ...rest,
        method,
        headers: sentHeaders(headers, other !== undefined),
        body: other === undefined ? text : JSON.stringify(other),
        ...(signal && { signal }),
      };
      return fetch(url.href, options);
    },
  };
}

/** What tells the cache something is not sent. Another body has another length. */
function sentHeaders(headers: Headers, isOther: boolean): Headers {
  const sent = new Headers(headers);
  for (const name of headers.keys()) if (name.startsWith(OWN)) sent.delete(name);
  if (isOther) sent.delete("content-length");
  return sent;
}

/** The body as text; undefined for a body that is never JSON, or that can be read only once. */
async function textIn(
  request: Request | undefined,
  body: RequestInit["body"] | undefined,
): Promise<string | undefined> {
  if (typeof body === "string") return body;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return decode(body as Uint8Array);
  // The caller may fetch the request again.
  return body === undefined || body === null ? await request?.clone().text() : undefined;
}

function decode(bytes: ArrayBuffer | Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text);
    const exact = hasRounded(value) ? parseJson(text) : value;
    return typeof exact === "object" && exact !== null && !Array.isArray(exact) ? exact : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a number may have been rounded, so that two that differ would have one key. To look is faster than `parseJson`. */
function hasRounded(value: unknown): boolean {
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return typeof value === "object" && value !== null && Object.values(value).some(hasRounded);
}

/** The options of a `Request` that a second one would not take from it by itself. */
function optionsOf({ cache, credentials, integrity, keepalive, mode, redirect, referrer, referrerPolicy }: Request) {
  const known = { cache, credentials, integrity, keepalive, redirect, referrer, referrerPolicy };
  // Node's `fetch` makes requests of mode "cors" alone.
  return mode === "navigate" ? known : { ...known, mode };
}
