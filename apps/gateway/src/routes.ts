import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { GatewayError } from "./errors.ts";
import { type Server, VENDORS, type Vendor } from "./upstreams.ts";

/** The parts of a request that decide its destination. */
export interface Target {
  readonly method: string;
  /** Path and query, as they were written. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export function targetOf({ method = "GET", url = "/", headers }: IncomingMessage): Target {
  return { method, path: url.replace(/^https?:\/\/[^/?]*/i, "") || "/", headers };
}

/** The destination of a request. */
export interface Destination {
  /** Decides the form of errors, and the header of the key. */
  readonly vendor: Vendor;
  readonly server: Server;
  readonly url: URL;
  /** The key to send instead of the caller's, if there is one. Undefined if the caller's own key passes. */
  readonly instead: { readonly key: string | undefined } | undefined;
}

interface Route {
  readonly vendor: Vendor;
  /** The name of the upstream. */
  readonly name: string;
  /** The path and query that follow the upstream's address. */
  readonly rest: string;
}

const GEMINI = /^\/(?:(?:upload|download)\/)?v1(?:alpha|beta)\w*(?=[/?]|$)/;
/** A method of a model, as Gemini writes it. OpenAI has no request of this kind, although names of its models have colons. */
const METHOD_OF_MODEL = /^\/v1\/\w+\/[^/?]+:[A-Za-z]+(?=\?|$)/;
const MESSAGES = /^(?:\/v1)?\/(?:messages|complete)(?=[/?]|$)/;

/**
 * Finds the upstream by the path, and by headers that only one vendor's clients send: the keys of one vendor must not be sent
 * to another. Nothing else in a request decides its destination. A token of the gateway that stands in place of a key must not
 * be sent.
 * @throws {GatewayError} for a path of no upstream, and for one without a key
 */
export function destinationOf(
  target: Target,
  servers: ReadonlyMap<string, Server>,
  isTokenInPlaceOfKey: boolean,
): Destination {
  const route = routeOf(target, servers);
  if (route === undefined) throw new GatewayError(404, "unknown_path", unknownPath(target.path, servers));
  const { vendor, name, rest } = route;
  const server = servers.get(name);
  if (server === undefined) {
    const problem =
      "no resource of Azure is configured: set AZURE_OPENAI_ENDPOINT, or gateway.upstreams.azure.baseURL in the configuration file.";
    throw new GatewayError(404, "unknown_upstream", problem);
  }
  const url = addressOf(server, rest);
  if (url === undefined) throw new GatewayError(400, "invalid_path", "the path has segments that lead out of it.");
  if (server.apiKey !== undefined && url.searchParams.has("key")) url.searchParams.delete("key");
  const { apiKey: key } = server;
  if (!isTokenInPlaceOfKey && key === undefined) return { vendor, server, url, instead: undefined };
  if (key === undefined && vendor !== "ollama") throw keyMissing(name);
  if (url.searchParams.has("key")) url.searchParams.delete("key");
  return { vendor, server, url, instead: { key } };
}

function keyMissing(upstream: string): GatewayError {
  const problem = `the gateway has no key for ${upstream}: set gateway.upstreams.${upstream}.apiKey in its configuration, or send your own key as ever, and the token in the header x-remem-token.`;
  return new GatewayError(403, "no_upstream_key", problem);
}

/** The vendor whose client has made the request, as far as it shows. */
export function kindOf({ method, path, headers }: Target): Vendor | undefined {
  if (/^\/api(?=[/?]|$)/.test(path)) return "ollama";
  if ("anthropic-version" in headers || MESSAGES.test(path)) return "anthropic";
  if ("x-goog-api-key" in headers || /[?&]key=/.test(path) || GEMINI.test(path)) return "gemini";
  if (method === "POST" && METHOD_OF_MODEL.test(path)) return "gemini";
  return "api-key" in headers || /[?&]api-version=/.test(path) ? "azure" : undefined;
}

function routeOf(target: Target, servers: ReadonlyMap<string, Server>): Route | undefined {
  const { path } = target;
  const [, first = "", after = ""] = /^\/([^/?]*)(.*)$/s.exec(path) ?? [];
  // `/openai` is a path of Azure's, and `openai` the name of another upstream.
  if (first === "openai") return { vendor: "azure", name: "azure", rest: path };
  if (servers.has(first) && !isVendor(first)) {
    return { vendor: kindOf({ ...target, path: after }) ?? "openai", name: first, rest: after };
  }
  const kind = kindOf(target);
  if (kind === "ollama") return { vendor: kind, name: kind, rest: path };
  if (kind === "gemini" && (first === "v1" || GEMINI.test(path))) return { vendor: kind, name: kind, rest: path };
  // Some of Anthropic's clients take its address with the version, and others without.
  if (kind === "anthropic") return { vendor: kind, name: kind, rest: first === "v1" ? path : `/v1${path}` };
  // The client for Azure got the address of OpenAI.
  if (kind === "azure" && first === "v1" && servers.has(kind))
    return { vendor: kind, name: kind, rest: `/openai${after}` };
  return first === "v1" ? { vendor: "openai", name: "openai", rest: after } : undefined;
}

const isVendor = (name: string): boolean => (VENDORS as readonly string[]).includes(name);

/**
 * The address that a request is sent to. Undefined if servers might read the path differently, so that it might lead out of the
 * upstream's own: with `..`, a backslash, or an encoded form of them.
 */
function addressOf({ base }: Server, rest: string): URL | undefined {
  const [path = ""] = rest.split("?", 1);
  if (leadsElsewhere(path)) return undefined;
  const prefix = base.pathname === "/" ? "" : base.pathname;
  const url = URL.parse(`${base.origin}${prefix}${rest}`);
  const isAsWritten = url?.origin === base.origin && url.hash === "" && url.pathname === (`${prefix}${path}` || "/");
  return isAsWritten ? url : undefined;
}

function leadsElsewhere(path: string): boolean {
  try {
    return decodeURIComponent(path)
      .split(/[/\\]/)
      .some((segment) => segment === "." || segment === "..");
  } catch {
    return true;
  }
}

function unknownPath(path: string, servers: ReadonlyMap<string, Server>): string {
  const own = [...servers.keys()].filter((name) => !isVendor(name)).map((name) => `, /${name}/…`);
  const routes = `/v1/… (OpenAI), /v1/messages and /messages (Anthropic), /v1beta/… (Gemini), /openai/… (Azure), /api/… (Ollama)${own.join("")}`;
  const lacksVersion = /^\/(?:chat\/completions|responses|embeddings|completions|models|moderations)(?=[/?]|$)/;
  const hint = lacksVersion.test(path) ? " The address of an OpenAI client ends in /v1." : "";
  return `the gateway has no such path. It has ${routes}.${hint}`;
}
