import type { IncomingMessage } from "node:http";
import type { Server, Vendor } from "./upstreams.ts";

/** Headers of one connection (RFC 9110, 7.6.1). */
const OF_CONNECTION = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
/** `fetch` writes these itself: it asks for encodings that it decodes, and has sent the whole body by itself. */
const OF_FETCH = ["host", "expect", "accept-encoding"];

/** Where clients put a key. */
const KEYS = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
const KEY_OF: Readonly<Record<Vendor, string>> = {
  openai: "authorization",
  anthropic: "x-api-key",
  gemini: "x-goog-api-key",
  azure: "api-key",
  ollama: "authorization",
};

/** The headers of a request as they are sent to its upstream. */
export function sentHeaders({ rawHeaders }: IncomingMessage, { apiKey }: Server, vendor: Vendor): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
  withoutConnection(headers);
  for (const name of OF_FETCH) headers.delete(name);
  if (apiKey === undefined) return headers;
  const name = KEYS.find((name) => headers.has(name)) ?? KEY_OF[vendor];
  for (const other of KEYS) headers.delete(other);
  headers.set(name, name === "authorization" ? `Bearer ${apiKey}` : apiKey);
  return headers;
}

const DECODED = /^(?:(?:x-)?gzip|deflate|br|zstd|identity)(?:\s*,\s*(?:(?:x-)?gzip|deflate|br|zstd|identity))*$/i;

/** The headers of a response as its caller gets them. */
export function givenHeaders({ headers, body }: Response): Headers {
  const given = withoutConnection(new Headers(headers));
  // `fetch` has decoded the body.
  if (body !== null && DECODED.test(given.get("content-encoding") ?? "")) {
    given.delete("content-encoding");
    given.delete("content-length");
  }
  return given;
}

function withoutConnection(headers: Headers): Headers {
  const named = headers.get("connection")?.split(",") ?? [];
  for (const name of [...OF_CONNECTION, ...named.map((name) => name.trim())]) {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.delete(name);
  }
  return headers;
}
