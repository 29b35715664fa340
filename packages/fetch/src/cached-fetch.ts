import { type ClientStats, createReadThrough } from "@remem/core";
import { readThroughOptions } from "@remem/core/plugin";
import type { Cache } from "./answers/cache.ts";
import { answerList } from "./answers/list.ts";
import { answerSingle } from "./answers/single.ts";
import { type CachedFetchOptions, checkCachedFetchOptions } from "./options.ts";
import { type Fetched, fetchedRequest, type KindAt, NOT_CACHED, servedRequest } from "./request/fetched.ts";
import type { PlainRequest } from "./request/plain-request.ts";
import { ownError } from "./response/own-errors.ts";
import { type PlainResponse, responseOf } from "./response/plain-response.ts";
import { type AnySurface, builtInSurfaces } from "./surfaces/surfaces.ts";
import { createInTurn } from "./upstream/in-turn.ts";
import { failureIn, refusalIn, refusalResponse } from "./upstream/refusal.ts";

/** A `fetch` with a cache in it. */
export interface CachedFetch extends AsyncDisposable {
  /** Fetches like the global function of this name. */
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Whether the store may answer a request, by its address. The body of such a request must not be a stream. */
  mayCache(method: string, url: URL): boolean;
  /**
   * Answers a POST to an address that `mayCache` accepts, for a server that has read its body. A whole answer of the cache
   * comes as plain data, which a server can send faster than a `Response`. A running stream, and an answer of the upstream
   * server, comes as a `Response`. Rejects as `fetch` does.
   */
  respond(request: PlainRequest): Promise<PlainResponse | Response>;
  /** Counts the requests since its creation, except those that pass through. */
  stats(): ClientStats;
  /** Refuses new requests, lets running ones finish (5 s, then they are aborted), closes the store once its last user closes it. */
  close(): Promise<void>;
}

/**
 * Makes a `fetch` for a client of language models. It answers requests from the store, coalesces concurrent identical ones, and
 * otherwise asks the server. Whole and streamed answers share an entry, also with `infer` of `createClient`. It passes through
 * requests of other kinds, and those that depend on state of the server.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function cachedFetch(options: CachedFetchOptions): CachedFetch {
  checkCachedFetchOptions("cachedFetch", options);
  // The current global one: the result may itself replace the global function.
  const { fetch = globalThis.fetch, surfaces = [], authorize } = options;
  const readThrough = createReadThrough(readThroughOptions(options));
  const inTurn = options.limits && createInTurn(options.limits, options.store);
  const cache: Cache = { readThrough, fetch, inTurn, options };
  const kinds: readonly AnySurface[] = [...surfaces, ...builtInSurfaces];
  const kindAt: KindAt = (url) => kinds.find((kind) => kind.matches(url));

  const mayCache = (method: string, url: URL): boolean => method.toUpperCase() === "POST" && kindAt(url) !== undefined;

  async function answered(fetched: Fetched): Promise<PlainResponse | Response> {
    const { kind } = fetched;
    try {
      const answer = "split" in kind ? answerList(cache, kind, fetched) : answerSingle(cache, kind, fetched);
      if (!("passes" in answer)) return await answer;
      const { url, body, signal } = fetched;
      const model = typeof body.model === "string" ? body.model : undefined;
      await authorize?.({ method: "POST", url, surface: kind.surface.name, model, ...answer });
      return await fetched.send(fetch, signal);
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal !== undefined) return refusalResponse(refusal);
      const failure = failureIn(error);
      if (failure !== undefined) throw failure.thrown;
      const own = ownError(error, kind);
      if (own !== undefined) return own;
      throw error;
    }
  }
  async function fetchCached(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const fetched = await fetchedRequest(input, init, kindAt);
    if (fetched === undefined) {
      const request = input instanceof Request ? input : undefined;
      const method = init?.method ?? request?.method ?? "GET";
      await authorizeUnknown(method, URL.parse(request?.url ?? String(input)));
      return fetch(input, init);
    }
    const response = await answered(fetched);
    return response instanceof Response ? response : responseOf(response, fetched.signal);
  }
  async function respond(request: PlainRequest): Promise<PlainResponse | Response> {
    const { url, body, signal, init } = request;
    const kind = kindAt(url);
    const fetched = kind && servedRequest(request, kind);
    if (fetched !== undefined) return answered(fetched);
    await authorizeUnknown("POST", url);
    return fetch(url, { ...init(), body: body as Uint8Array<ArrayBuffer>, ...(signal && { signal }) });
  }
  async function authorizeUnknown(method: string, url: URL | null): Promise<void> {
    // `fetch` itself reports an invalid address.
    const unknown = { surface: undefined, model: undefined, passes: NOT_CACHED };
    if (url !== null) await authorize?.({ method: method.toUpperCase(), url, ...unknown });
  }

  const close = (): Promise<void> => readThrough.close();
  return Object.assign(fetchCached, {
    mayCache,
    respond,
    stats: readThrough.stats,
    close,
    [Symbol.asyncDispose]: close,
  });
}
