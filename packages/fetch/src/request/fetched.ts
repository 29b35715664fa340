import { type JsonObject, parseJson } from "@remem/core";
import type { AnySurface } from "../surfaces/surfaces.ts";
import { type Control, controlOf, OWN } from "./control.ts";
import type { HeaderLookup, PlainRequest } from "./plain-request.ts";

/** A request that may be cached: a POST of a JSON object. */
export interface Fetched {
  readonly kind: AnySurface;
  readonly url: URL;
  /** The headers, including the caller's credentials. */
  readonly headers: HeaderLookup;
  readonly control: Control;
  readonly signal: AbortSignal | undefined;
  readonly body: JsonObject;
  /** Sends it to the server, with this body if it is another one. Other options of `fetch` stay as the caller gave them. */
  send(fetch: typeof globalThis.fetch, signal: AbortSignal | undefined, body?: JsonObject): Promise<Response>;
}

/** Why other requests pass through. */
export const NOT_CACHED = "no POST of a JSON object to an address that is cached";

/** Finds the kind of requests to an address. */
export type KindAt = (url: URL) => AnySurface | undefined;

/**
 * Reads the arguments of `fetch`. Undefined if they are not a POST to a known address, or have a body that is not JSON: such a
 * request passes through, and its body stays unread.
 */
export async function fetchedRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
  kindAt: KindAt,
): Promise<Fetched | undefined> {
  const request = input instanceof Request ? input : undefined;
  const method = init?.method ?? request?.method ?? "GET";
  if (method.toUpperCase() !== "POST") return undefined;
  const url = URL.parse(request?.url ?? String(input));
  const kind = url === null ? undefined : kindAt(url);
  if (url === null || kind === undefined) return undefined;
  const body = init?.body;
  // The caller may fetch the request again.
  const isInRequest = request !== undefined && (body === undefined || body === null);
  const text = isInRequest ? await request.clone().text() : textIn(body);
  if (text === undefined) return undefined;
  const headers = new Headers(init?.headers ?? request?.headers);
  const signal = init?.signal ?? request?.signal ?? undefined;
  return fetchedOf(
    kind,
    { url, headers, signal, init: () => ({ ...(request && optionsOf(request)), ...init, method, headers }) },
    text,
  );
}

/** Reads a request that a server has read. Undefined if its body is not JSON. */
export function servedRequest(request: PlainRequest, kind: AnySurface): Fetched | undefined {
  const text = decode(request.body);
  return text === undefined ? undefined : fetchedOf(kind, request, text);
}

function fetchedOf(
  kind: AnySurface,
  { url, headers, signal, init }: Omit<PlainRequest, "body">,
  text: string,
): Fetched | undefined {
  const body = objectIn(text);
  if (body === undefined) return undefined;
  return {
    kind,
    url,
    headers,
    control: controlOf(headers),
    signal,
    body,
    send(fetch, signal, other) {
      const { signal: _, headers, ...rest } = init();
      return fetch(url.href, {
        ...rest,
        headers: sentHeaders(new Headers(headers), other !== undefined),
        body: other === undefined ? text : JSON.stringify(other),
        ...(signal && { signal }),
      });
    },
  };
}

/** Headers for the cache are not sent. A changed body has another length. */
function sentHeaders(headers: Headers, isOther: boolean): Headers {
  for (const name of [...headers.keys()]) if (name.startsWith(OWN)) headers.delete(name);
  if (isOther) headers.delete("content-length");
  return headers;
}

/** The body as text; undefined for a body that is never JSON, or that can be read only once. */
function textIn(body: RequestInit["body"] | undefined): string | undefined {
  if (typeof body === "string") return body;
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? decode(body as Uint8Array) : undefined;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: ArrayBuffer | Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
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

/** Whether a number may have been rounded, so that two different ones would have one key. This check is faster than `parseJson`. */
function hasRounded(value: unknown): boolean {
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return typeof value === "object" && value !== null && Object.values(value).some(hasRounded);
}

/** The options that a new `Request` does not copy from this one by itself. */
function optionsOf({ cache, credentials, integrity, keepalive, mode, redirect, referrer, referrerPolicy }: Request) {
  const known = { cache, credentials, integrity, keepalive, redirect, referrer, referrerPolicy };
  // Node's `fetch` makes requests of mode "cors" alone.
  return mode === "navigate" ? known : { ...known, mode };
}
