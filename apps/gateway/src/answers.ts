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

/** What a gateway has done so far. */
export interface GatewayStats {
  /** Requests that went to an upstream, or to the cache in front of it. */
  readonly requests: number;
  /** Those that the cache let pass. */
  readonly passedThrough: number;
  /** Those whose upstream could not be reached. */
  readonly unreachable: number;
  /** Those that nobody was asked for: not stored where stored answers alone may be given, or beyond a limit. */
  readonly refused: number;
  /** Those that were refused for their token. They are in no other count. */
  readonly unauthorized: number;
  /** Hits, misses and tokens of those that were not passed through. */
  readonly cache: CacheStats;
}

/** How a gateway answers requests: those that the cache may answer on a way of their own, since a hit should cost little more than HTTP. */
export interface Answers {
  /** Answers a request that the cache may answer. Undefined for any other, and for one that is refused: both are Hono's. */
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

/** Where a request goes, and through whose cache. */
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
      if (hasLeft) return new Response(null, { status: 499 }); // Nobody reads it.
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
  /** Where requests went that the cache may answer, by what decides on it. A client asks at few addresses. */
  const destinations = new Map<string, Destination>();
  function cachedDestination({ incoming }: Exchange, { caller, isTokenInPlaceOfKey }: Known): Destination | undefined {
    const target = targetOf(incoming);
    const { path, headers } = target;
    const name = `${isTokenInPlaceOfKey} ${"anthropic-version" in headers} ${"x-goog-api-key" in headers} ${"api-key" in headers} ${path}`;
    const found = destinations.get(name);
    if (found !== undefined) return found;
    const destination = destinationOf(target, servers, isTokenInPlaceOfKey);
    if (!caller.fetch.mayCache("POST", destination.url)) return undefined;
    // A query may have a key.
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

/** What went wrong on the way to a server. `fetch` puts it into the cause. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  const { code } = cause as { readonly code?: unknown };
  return messageOf(cause) || String(code);
}
