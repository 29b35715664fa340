import { messageOf, ProviderError, RememError, type RememErrorCode } from "@remem/core/plugin";
import type { PlainResponse } from "@remem/fetch";
import { hasBody } from "./body.ts";
import { errorResponse, GatewayError } from "./errors.ts";
import { askCache, forward, type Way } from "./forward.ts";
import { noteOutcome } from "./observe/request.ts";
import { isOfPage } from "./page/path.ts";
import { type Destination, destinationOf, kindOf, targetOf } from "./routes.ts";
import type { Exchange } from "./server.ts";
import { type CacheStats, sumOf } from "./stats.ts";
import type { Caller, Callers, Known } from "./tenants/callers.ts";
import type { Server } from "./upstreams.ts";

/** The figures of a gateway so far. */
export interface GatewayStats {
  /** Requests that went to an upstream, or to the cache in front of it. */
  readonly requests: number;
  /** Requests that the cache passed through. */
  readonly passedThrough: number;
  /** Requests whose upstream could not be reached. */
  readonly unreachable: number;
  /** Requests that were sent to no server: not stored although only stored answers are allowed, or beyond a limit. */
  readonly refused: number;
  /** Requests that were refused because of their token. They are in no other count. */
  readonly unauthorized: number;
  /** Hits, misses and tokens of requests that were not passed through. */
  readonly cache: CacheStats;
}

/**
 * Answers the requests of a gateway. Requests that the cache may answer have a way of their own, because a hit should cost
 * little more than HTTP.
 */
export interface Answers {
  /** Answers a request that the cache may answer. Undefined for any other, and for one that is refused: Hono answers both. */
  fromCache(exchange: Exchange, signal: () => AbortSignal): Promise<PlainResponse | Response> | undefined;
  /**
   * Answers any other request.
   * @throws {GatewayError}
   */
  fromUpstream(exchange: Exchange, signal: AbortSignal): Promise<Response>;
  /** The response to a request that has failed, in the form of its vendor's. */
  failed(exchange: Exchange, error: unknown): Response;
  stats(): GatewayStats;
}

export interface AnswersOptions {
  readonly callers: Callers;
  readonly servers: ReadonlyMap<string, Server>;
  readonly maxBodyBytes: number;
}

/** The destination of a request, and the cache in front of it. */
interface Allowed {
  readonly caller: Caller;
  readonly destination: Destination;
}

export function createAnswers({ callers, servers, maxBodyBytes }: AnswersOptions): Answers {
  const counts = { requests: 0, passedThrough: 0, unreachable: 0, refused: 0, unauthorized: 0 };

  async function answer<Given extends PlainResponse | Response>(
    ask: (exchange: Exchange, destination: Destination, way: Way) => Promise<Given>,
    exchange: Exchange,
    { caller: { fetch }, destination }: Allowed,
    signal: AbortSignal,
  ): Promise<Given | Response> {
    counts.requests += 1;
    try {
      const response = await ask(exchange, destination, { fetch, maxBodyBytes, signal });
      const { headers } = response;
      noteOutcome(
        exchange.incoming,
        headers instanceof Headers ? headers.get("cache-status") : headers["cache-status"],
      );
      const { outcome } = exchange.incoming;
      if (outcome === "passed") counts.passedThrough += 1;
      if (outcome === "refused") counts.refused += 1;
      return response;
    } catch (error) {
      const { incoming } = exchange;
      const hasLeft = signal.aborted || (incoming.destroyed && !incoming.complete);
      if (hasLeft) return new Response(null, { status: 499 }); // The caller has left.
      if (error instanceof GatewayError || RememError.is(error)) {
        counts.refused += 1;
        throw error;
      }
      counts.unreachable += 1;
      const { origin } = destination.url;
      throw new GatewayError(502, "upstream_unreachable", `${origin} could not be reached: ${reasonOf(error)}.`);
    }
  }
  /** @throws {GatewayError} for a request that is refused */
  function known({ incoming }: Exchange): Known {
    const known = callers.identify(incoming);
    incoming.tenant = known.caller.name;
    if (incoming.headers.upgrade?.toLowerCase() === "websocket")
      throw new GatewayError(501, "not_implemented", "the gateway does not support WebSockets.");
    return known;
  }
  function failed({ incoming }: Exchange, error: unknown): Response {
    const own = ownError(error);
    incoming.refusal = own.code;
    if (own.status === 401) counts.unauthorized += 1;
    return errorResponse(own, kindOf(targetOf(incoming)));
  }
  /** The destinations of requests that the cache may answer, by the data that decides them. A client uses few addresses. */
  const destinations = new Map<string, Destination>();
  function cachedDestination({ incoming }: Exchange, { caller, isTokenInPlaceOfKey }: Known): Destination | undefined {
    const target = targetOf(incoming);
    const { path, headers } = target;
    const name = `${isTokenInPlaceOfKey} ${"anthropic-version" in headers} ${"x-goog-api-key" in headers} ${"api-key" in headers} ${path}`;
    const found = destinations.get(name);
    if (found !== undefined) return found;
    const destination = destinationOf(target, servers, isTokenInPlaceOfKey);
    if (!caller.fetch.mayCache("POST", destination.url)) return undefined;
    // A query may contain a key.
    if (destinations.size < MAX_DESTINATIONS && !path.includes("?")) destinations.set(name, destination);
    return destination;
  }
  return {
    fromCache(exchange, signal) {
      const { incoming } = exchange;
      if (incoming.method !== "POST" || !hasBody(incoming) || isOfPage(incoming)) return undefined;
      try {
        const from = known(exchange);
        const destination = cachedDestination(exchange, from);
        if (destination === undefined) return undefined;
        const { caller } = from;
        return answer(askCache, exchange, { caller, destination }, signal()).catch((error) => failed(exchange, error));
      } catch (error) {
        return Promise.resolve(failed(exchange, error));
      }
    },
    async fromUpstream(exchange, signal) {
      const { caller, isTokenInPlaceOfKey } = known(exchange);
      const destination = destinationOf(targetOf(exchange.incoming), servers, isTokenInPlaceOfKey);
      return answer(forward, exchange, { caller, destination }, signal);
    },
    failed,
    stats: () => ({ ...counts, cache: sumOf(callers.all.map(({ fetch }) => fetch.stats())) }),
  };
}

const MAX_DESTINATIONS = 100;

/** Statuses of errors that the cache, or its `fetch`, throws. No client repeats a request after 402. */
const STATUSES: Partial<Record<RememErrorCode, number>> = { CLIENT_CLOSED: 503, CACHE_MISS: 402, BUDGET_EXCEEDED: 402 };

function ownError(error: unknown): GatewayError {
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

/** The reason why a request did not reach its server. `fetch` puts it into the cause. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  const { code } = cause as { readonly code?: unknown };
  return messageOf(cause) || String(code);
}
