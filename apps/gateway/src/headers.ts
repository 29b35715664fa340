import type { IncomingMessage } from "node:http";
import type { HeaderLookup } from "@remem/fetch";
import type { Destination } from "./routes.ts";
import { TOKEN_HEADER } from "./tenants/tokens.ts";
import type { Vendor } from "./upstreams.ts";

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
/** `fetch` writes these itself: it asks for encodings that it decodes, and does not wait before it sends a body. */
const OF_FETCH = ["host", "expect", "accept-encoding"];
/** Headers that only the gateway reads. */
const OF_GATEWAY = [TOKEN_HEADER];

const NOT_SENT: ReadonlySet<string> = new Set([...OF_CONNECTION, ...OF_FETCH, ...OF_GATEWAY]);

/** The headers in which clients send a key. */
const KEYS = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
const KEY_OF: Readonly<Record<Vendor, string>> = {
  openai: "authorization",
  anthropic: "x-api-key",
  gemini: "x-goog-api-key",
  azure: "api-key",
  ollama: "authorization",
};

/** The headers of a request as they are sent to its destination. */
export function sentHeaders(incoming: IncomingMessage, { vendor, instead }: Destination): Headers {
  const { rawHeaders } = incoming;
  const headers = new Headers();
  const isSent = passesOn(incoming);
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    if (isSent(name)) headers.append(name, rawHeaders[at + 1]!);
  }
  if (instead === undefined) return headers;
  const { key } = instead;
  const name = KEYS.find((name) => headers.has(name)) ?? KEY_OF[vendor];
  for (const other of KEYS) headers.delete(other);
  if (key !== undefined) headers.set(name, name === "authorization" ? `Bearer ${key}` : key);
  return headers;
}

/**
 * Finds headers among those that are sent. It makes `Headers` only for a header that is there, because making them takes longer
 * than looking.
 */
export function lookUpSent(incoming: IncomingMessage, destination: Destination): HeaderLookup {
  let all: Headers | undefined;
  return {
    get(name) {
      const isAdded = destination.instead !== undefined && KEYS.includes(name);
      if (incoming.headers[name] === undefined && !isAdded) return null;
      all ??= sentHeaders(incoming, destination);
      return all.get(name);
    },
  };
}

/** Tells which headers are not of the connection. */
function passesOn({ headers: { connection } }: IncomingMessage): (name: string) => boolean {
  const named = namedIn(connection);
  return (name) => !NOT_SENT.has(name) && !named.includes(name);
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
  for (const name of [...OF_CONNECTION, ...namedIn(headers.get("connection"))]) {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.delete(name);
  }
  return headers;
}

/** Headers that `Connection` names, which are of one connection, too. */
function namedIn(connection: string | null | undefined): readonly string[] {
  return connection?.split(",").map((name) => name.trim().toLowerCase()) ?? [];
}
