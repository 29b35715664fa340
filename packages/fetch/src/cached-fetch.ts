import {
  CacheMissError,
  type Call,
  type ClientStats,
  createCall,
  createReadThrough,
  InvalidRequestError,
} from "@remem/core";
import { type CachedFetchOptions, checkCachedFetchOptions, readThroughOptions } from "./options.ts";
import { controlOf } from "./request/control.ts";
import { type Fetched, fetchedRequest } from "./request/fetched.ts";
import { cacheStatus } from "./response/cache-status.ts";
import { errorResponse } from "./response/error-response.ts";
import { keptHeaders } from "./response/kept-headers.ts";
import { streamResponse } from "./response/stream-response.ts";
import { wholeResponse } from "./response/whole-response.ts";
import type { HttpSurface, StreamFormat } from "./surfaces/http-surface.ts";
import { builtInSurfaces } from "./surfaces/surfaces.ts";
import { askForStream, askWhole, type Kept } from "./upstream/ask.ts";
import { createPendingHeaders } from "./upstream/pending-headers.ts";
import { failureIn, refusalIn, refusalResponse } from "./upstream/refusal.ts";

/** A `fetch` with a cache in it. */
export interface CachedFetch extends AsyncDisposable {
  /** Fetches like the global function of this name. */
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Counts of what was done since it was created. Requests that pass through are not counted. */
  stats(): ClientStats;
  /** Refuses new requests, lets running ones finish (5 s, then they are aborted), closes the store once its last user closes it. */
  close(): Promise<void>;
}

type Kind = HttpSurface<object, object>;
type AnyCall = Call<object, object>;

/**
 * Makes a `fetch` for a client of language models: it answers requests from the store, coalesces identical ones, and asks the server
 * otherwise. Whole and streamed answers are one entry, which `infer` of `createClient` shares. Requests of other kinds, and those
 * that depend on what the server keeps, pass through.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function cachedFetch(options: CachedFetchOptions): CachedFetch {
  checkCachedFetchOptions("cachedFetch", options);
  const { scope, sample, ttlMs, cache, admit, replay, surfaces = [] } = options;
  // The one of this moment: the result may become the global function itself.
  const { fetch: upstream = globalThis.fetch } = options;
  const kinds = [...surfaces, ...builtInSurfaces] as unknown as readonly Kind[];
  const kindAt = (url: URL): Kind | undefined => kinds.find((kind) => kind.matches(url));
  const readThrough = createReadThrough(readThroughOptions(options));
  const pending = createPendingHeaders();

  async function fetchCached(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const fetched = await fetchedRequest(input, init, (url) => kindAt(url) !== undefined);
    if (fetched === undefined) return upstream(input, init);
    const kind = kindAt(fetched.url)!;
    const call = callFor(kind, fetched);
    if (call === undefined) return fetched.send(upstream, fetched.signal);
    try {
      return await (call.format === undefined
        ? whole(kind, fetched, call)
        : streamed(kind, fetched, call, call.format));
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal !== undefined) return refusalResponse(refusal);
      const failure = failureIn(error);
      if (failure !== undefined) throw failure.thrown;
      if (CacheMissError.is(error)) return errorResponse(kind.errorBody(error.message, "cache_miss"), "only-if-cached");
      throw error;
    }
  }

  /** Undefined for a request that passes through. */
  function callFor(
    kind: Kind,
    fetched: Fetched,
  ): (AnyCall & { readonly format: StreamFormat | undefined }) | undefined {
    const found = kind.find(fetched);
    if ("passes" in found) return undefined;
    const control = controlOf(fetched.headers);
    const { stream } = kind;
    const format = found.isStream ? (typeof stream === "function" ? stream(fetched.url) : stream) : undefined;
    if (found.isStream && format === undefined) return undefined;
    const asked = { kind, fetched, fetch: upstream, provider: fetched.url.host };
    try {
      const call = createCall<object, object & Kept>(surfaceOf(kind), found.request, {
        mode: control.mode ?? cache,
        sample: control.sample ?? sample,
        scope: scope === false ? undefined : (scope ?? found.scope),
        ttlMs,
        provider: asked.provider,
        ask(_, context) {
          if (format === undefined) return askWhole(asked, context);
          const { key } = call;
          const answer = askForStream(asked, format, context, (headers) => pending.resolve(key, headers));
          return answer.finally(() => pending.end(key));
        },
      });
      return { ...call, format };
    } catch (error) {
      if (InvalidRequestError.is(error)) return undefined; // The server says better what is wrong.
      throw error;
    }
  }
  function surfaceOf({ surface }: Kind): Kind["surface"] {
    if (admit === undefined) return surface;
    return { ...surface, admit: (answer, request) => surface.admit(answer, request) && admit(answer, request) };
  }

  async function whole(kind: Kind, { signal, body }: Fetched, call: AnyCall): Promise<Response> {
    const { answer, source, kept } = await readThrough.get(call, { signal });
    const headers = { ...(kept as Kept["remem"])?.headers, ...cacheStatus(source, call.mode) };
    return wholeResponse(kind.echo?.(answer, body) ?? answer, headers);
  }

  async function streamed(
    kind: Kind,
    { signal, body }: Fetched,
    call: AnyCall,
    format: StreamFormat,
  ): Promise<Response> {
    const { outcome, chunks, leave } = readThrough.follow(call, { signal }, replay);
    const all = chunks();
    const first = all.next();
    const early = await pending.before(call.key, first);
    const settled = await Promise.race([outcome, undefined]);
    const source = settled?.source ?? "provider";
    const headers = {
      ...(settled?.kept as Kept["remem"])?.headers,
      ...(early && keptHeaders(early)),
      ...cacheStatus(source, call.mode),
    };
    async function* visible(): AsyncGenerator<object, void, undefined> {
      for (let next = await first; !next.done; next = await all.next()) {
        const seen = kind.visible === undefined ? next.value : kind.visible(next.value, body);
        if (seen !== undefined) yield seen;
      }
    }
    return streamResponse({ chunks: visible(), format, headers, signal, leave });
  }

  const close = (): Promise<void> => readThrough.close();
  return Object.assign(fetchCached, { stats: readThrough.stats, close, [Symbol.asyncDispose]: close });
}
