import type { IncomingMessage } from "node:http";
import {
  checkCount,
  checkOptions,
  invalidOption,
  messageOf,
  ProviderError,
  RememError,
  type RememErrorCode,
} from "@remem/core/plugin";
import type { CachedFetch } from "@remem/fetch";
import { Hono } from "hono";
import { errorResponse, GatewayError } from "./errors.ts";
import { forward } from "./forward.ts";
import { isLoopbackHost, whyForbidden } from "./guard.ts";
import { destinationOf, kindOf, type Target } from "./routes.ts";
import { createServer, type Exchange, type ListenOptions, sendText } from "./server.ts";
import { type CacheStats, sumOf } from "./stats.ts";
import type { PriceOf } from "./tenants/limits.ts";
import { createCallers, type OwnFetchOptions, type Tenant } from "./tenants/tenants.ts";
import { serversOf, type Upstream } from "./upstreams.ts";

/** The options of `createGateway`. */
export interface GatewayOptions {
  /**
   * Makes what answers the requests, for each tenant, or once where there is none: `cachedFetch` of `remem`, or a function that calls it
   * with these and further options. The gateway closes what it has made.
   */
  readonly fetch: (own: OwnFetchOptions) => CachedFetch;
  /**
   * Servers by name. `openai`, `anthropic`, `gemini`, `azure` and `ollama` replace the vendors' own addresses; Azure has none. Any other
   * is reached at `/<name>/`.
   */
  readonly upstreams?: Readonly<Record<string, Upstream>> | undefined;
  /** The most bytes of a body that is read whole, as that of each request that may be cached: 64 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** Those who may use the gateway, by name. Without them every program of this machine may, and no other. */
  readonly tenants?: Readonly<Record<string, Tenant>> | undefined;
  /** Prices, for tenants with a budget. None are known by default. */
  readonly priceOf?: PriceOf | undefined;
  /**
   * The URL of a Redis in which all gateways count together what tenants use. By default each process counts for itself, and from zero
   * when it starts.
   */
  readonly redisUrl?: string | undefined;
}

/** What a gateway has done so far. */
export interface GatewayStats {
  /** Requests that went to an upstream, or to the cache in front of it. */
  readonly requests: number;
  /** Those that the cache let pass. */
  readonly passedThrough: number;
  /** Those whose upstream could not be reached. */
  readonly unreachable: number;
  /** Those that were refused for their token. */
  readonly unauthorized: number;
  /** Hits, misses and tokens of those that were not passed through. */
  readonly cache: CacheStats;
}

/** A cache behind a port. */
export interface Gateway extends AsyncDisposable {
  /**
   * Listens on a loopback address, and returns the gateway's own: `http://127.0.0.1:8787`.
   * @throws {RememError} with code `INVALID_OPTION`, also for a port that is in use
   */
  listen(options?: ListenOptions): Promise<string>;
  /** Counts since it was created. */
  stats(): GatewayStats;
  /** Refuses new requests, lets running ones finish (30 s, then they are aborted), stops listening, and closes the cache. */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>;
}

const WHERE = "createGateway";
const KNOWN = {
  fetch: true,
  upstreams: true,
  maxBodyBytes: true,
  tenants: true,
  priceOf: true,
  redisUrl: true,
} as const satisfies Record<keyof GatewayOptions, true>;
const MIB = 1024 * 1024;

/**
 * Creates a server that answers the requests of clients of language models through a cache, each with its caller's own key. It listens
 * on no port until it is told to.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function createGateway(options: GatewayOptions): Gateway {
  checkOptions(WHERE, options, KNOWN);
  const { upstreams, maxBodyBytes = 64 * MIB, tenants, priceOf, redisUrl } = options;
  checkCount(WHERE, "maxBodyBytes", maxBodyBytes);
  if (priceOf !== undefined && typeof priceOf !== "function") throw invalidOption(WHERE, "priceOf", "a function");
  const servers = serversOf(WHERE, upstreams);
  const makeFetch = (_: string | undefined, own: OwnFetchOptions): CachedFetch => madeBy(options.fetch, own);
  const callers = createCallers(WHERE, { tenants, makeFetch, priceOf, redisUrl });
  const counts = { requests: 0, passedThrough: 0, unreachable: 0, unauthorized: 0 };

  const app = new Hono<{ Bindings: Exchange }>();
  app.use(async ({ env: { incoming } }, next) => {
    // A page in a browser has no token.
    const problem = tenants === undefined ? whyForbidden(incoming) : undefined;
    if (problem !== undefined) throw new GatewayError(403, "forbidden", problem);
    if (incoming.headers.upgrade?.toLowerCase() === "websocket") {
      throw new GatewayError(501, "not_implemented", "WebSockets do not pass through the gateway.");
    }
    return next();
  });
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.all("*", async ({ env, req: { raw } }) => {
    const { signal } = raw;
    const { caller, isTokenInPlaceOfKey } = callers.identify(env.incoming);
    const { fetch } = caller;
    const destination = destinationOf(targetOf(env.incoming), servers);
    counts.requests += 1;
    try {
      const response = await forward(env, destination, { fetch, maxBodyBytes, signal, isTokenInPlaceOfKey });
      if (!response.headers.get("cache-status")?.startsWith("remem;")) counts.passedThrough += 1;
      const text = fetch.wholeTextOf(response);
      return text === undefined ? response : sendText(env.outgoing, response, text);
    } catch (error) {
      const hasLeft = signal.aborted || (env.incoming.destroyed && !env.incoming.complete);
      if (hasLeft) return new Response(null, { status: 499 }); // Nobody reads it.
      if (error instanceof GatewayError || RememError.is(error)) throw error;
      counts.unreachable += 1;
      const { origin } = destination.url;
      throw new GatewayError(502, "upstream_unreachable", `${origin} could not be asked: ${reasonOf(error)}.`);
    }
  });
  app.onError((error, { env: { incoming } }) => {
    const own = ownError(error);
    if (own.status === 401) counts.unauthorized += 1;
    return errorResponse(own, kindOf(targetOf(incoming)));
  });

  const refusal = (status: 400 | 503): Response => errorResponse(status === 503 ? CLOSING : UNREADABLE, undefined);
  const server = createServer(WHERE, app.fetch, refusal, { isOpen: tenants !== undefined });
  async function close({ graceMs }: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    await server.close(graceMs);
    await callers.close();
  }
  return {
    async listen(where) {
      const url = await server.listen(where);
      const own = [...servers.values()].find(({ base }) => isSameAddress(base, new URL(url)));
      if (own === undefined) return url;
      await server.close(0);
      throw invalidOption(
        WHERE,
        `upstreams.${own.name}.baseURL`,
        `another address than ${url}, which is the gateway's own`,
      );
    },
    stats: () => ({ ...counts, cache: sumOf(callers.all.map(({ fetch }) => fetch.stats())) }),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function madeBy(make: GatewayOptions["fetch"], own: OwnFetchOptions): CachedFetch {
  const problem = invalidOption(WHERE, "fetch", "`cachedFetch`, or a function that returns what that returns");
  if (typeof make !== "function" || (make as unknown) === globalThis.fetch || "mayCache" in make) throw problem;
  const fetch = make(own);
  if (typeof fetch?.mayCache !== "function") throw problem;
  return fetch;
}

const CLOSING = new GatewayError(503, "closing", "the gateway is being closed.");
const UNREADABLE = new GatewayError(400, "invalid_request", "the request has no valid address or host.");

/** Whether both are the same port of this machine. */
function isSameAddress(one: URL, other: URL): boolean {
  return one.port === other.port && one.protocol === other.protocol && isLoopbackHost(one.host);
}

function targetOf({ method = "GET", url = "/", headers }: IncomingMessage): Target {
  return { method, path: url.replace(/^https?:\/\/[^/?]*/i, "") || "/", headers };
}

/** Statuses of errors that the cache, or its `fetch`, throws. No client repeats a request after 402. */
const STATUSES: Partial<Record<RememErrorCode, number>> = { CLIENT_CLOSED: 503, CACHE_MISS: 402, BUDGET_EXCEEDED: 402 };

function ownError(error: Error): GatewayError {
  if (error instanceof GatewayError) return error;
  if (ProviderError.is(error) && error.code === "RATE_LIMITED")
    return new GatewayError(429, "rate_limit_exceeded", error.message, error.retryAfterMs);
  const { code } = error as Partial<RememError>;
  const status = RememError.is(error) ? STATUSES[error.code] : undefined;
  return new GatewayError(
    status ?? 500,
    status === undefined ? "internal_error" : code!.toLowerCase(),
    messageOf(error),
  );
}

/** What went wrong on the way to a server. `fetch` puts it into the cause. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  const { code } = cause as { readonly code?: unknown };
  return messageOf(cause) || String(code);
}
