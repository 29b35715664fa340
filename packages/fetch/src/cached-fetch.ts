import { type ClientStats, createReadThrough, ProviderError, RememError } from "@remem/core";
import { readThroughOptions } from "@remem/core/plugin";
import type { Cache } from "./answers/cache.ts";
import { answerList } from "./answers/list.ts";
import { answerSingle } from "./answers/single.ts";
import { type CachedFetchOptions, checkCachedFetchOptions } from "./options.ts";
import { fetchedRequest } from "./request/fetched.ts";
import { errorResponse, rateLimitResponse } from "./response/error-response.ts";
import { wholeTextOf } from "./response/whole-response.ts";
import { type AnySurface, builtInSurfaces } from "./surfaces/surfaces.ts";
import { createInTurn } from "./upstream/in-turn.ts";
import { failureIn, refusalIn, refusalResponse } from "./upstream/refusal.ts";

/** A `fetch` with a cache in it. */
export interface CachedFetch extends AsyncDisposable {
  /** Fetches like the global function of this name. */
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Whether a request may be answered from the store: by its address. Then its body has to be given whole, and not as a stream. */
  mayCache(method: string, url: URL): boolean;
  /**
   * The body of a response of the cache's own, where all of it is known, for servers that send it on: faster than to read it, and it
   * stays unread. Undefined for a stream that is still written, and for whatever a server has sent.
   */
  wholeTextOf(response: Response): string | undefined;
  /** Counts of what was done since it was created. Requests that pass through are not counted. */
  stats(): ClientStats;
  /** Refuses new requests, lets running ones finish (5 s, then they are aborted), closes the store once its last user closes it. */
  close(): Promise<void>;
}

/**
 * Makes a `fetch` for a client of language models: it answers requests from the store, coalesces identical ones, and asks the server
 * otherwise. Whole and streamed answers are one entry, which `infer` of `createClient` shares. Requests of other kinds, and those
 * that depend on what the server keeps, pass through.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function cachedFetch(options: CachedFetchOptions): CachedFetch {
  checkCachedFetchOptions("cachedFetch", options);
  // The global one of this moment: the result may become the global function itself.
  const { fetch = globalThis.fetch, surfaces = [], authorize } = options;
  const readThrough = createReadThrough(readThroughOptions(options));
  const inTurn = options.limits && createInTurn(options.limits, options.store);
  const cache: Cache = { readThrough, fetch, inTurn, options };
  const kinds: readonly AnySurface[] = [...surfaces, ...builtInSurfaces];
  const kindAt = (url: URL): AnySurface | undefined => kinds.find((kind) => kind.matches(url));

  const mayCache = (method: string, url: URL): boolean => method.toUpperCase() === "POST" && kindAt(url) !== undefined;

  async function authorizePassing(input: string | URL | Request, init?: RequestInit): Promise<void> {
    if (authorize === undefined) return;
    const request = input instanceof Request ? input : undefined;
    const url = URL.parse(request?.url ?? String(input));
    const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
    // `fetch` itself says what is wrong with an address.
    if (url !== null) await authorize({ method, url, surface: undefined, model: undefined, passes: true });
  }

  async function fetchCached(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const fetched = await fetchedRequest(input, init, (url) => kindAt(url) !== undefined);
    if (fetched === undefined) {
      await authorizePassing(input, init);
      return fetch(input, init);
    }
    const kind = kindAt(fetched.url)!;
    try {
      const answer = "split" in kind ? answerList(cache, kind, fetched) : answerSingle(cache, kind, fetched);
      if (answer !== undefined) return await answer;
      const { url, body } = fetched;
      const model = typeof body.model === "string" ? body.model : undefined;
      await authorize?.({ method: "POST", url, surface: kind.surface.name, model, passes: true });
      return await fetched.send(fetch, fetched.signal);
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal !== undefined) return refusalResponse(refusal);
      const failure = failureIn(error);
      if (failure !== undefined) throw failure.thrown;
      const own = ownResponse(error, kind);
      if (own !== undefined) return own;
      throw error;
    }
  }

  const close = (): Promise<void> => readThrough.close();
  return Object.assign(fetchCached, {
    mayCache,
    wholeTextOf,
    stats: readThrough.stats,
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** The response to a request that the cache itself refuses. */
function ownResponse(error: unknown, kind: AnySurface): Response | undefined {
  if (!RememError.is(error)) return undefined;
  const { message, code } = error;
  if (code === "CACHE_MISS") return errorResponse(kind.errorBody(message, "cache_miss"), "only-if-cached");
  if (code === "BUDGET_EXCEEDED") return errorResponse(kind.errorBody(message, "budget_exceeded"), "budget-exceeded");
  if (!ProviderError.is(error) || code !== "RATE_LIMITED") return undefined;
  return rateLimitResponse(kind.errorBody(message, "rate_limit_exceeded"), error.retryAfterMs ?? 0);
}
