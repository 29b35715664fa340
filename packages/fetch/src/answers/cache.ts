import {
  type Call,
  type CallOptions,
  createCall,
  InvalidRequestError,
  type ReadThrough,
  type Surface,
} from "@remem/core";
import type { CachedFetchOptions } from "../options.ts";
import type { Fetched } from "../request/fetched.ts";
import type { PassedThrough, Retention } from "../surfaces/http-surface.ts";
import type { InTurn } from "../upstream/in-turn.ts";

/** The parts that answer requests: the cache, the server's `fetch`, and the options. */
export interface Cache {
  readonly readThrough: ReadThrough;
  readonly fetch: typeof globalThis.fetch;
  /** Keeps to the limits. Undefined if there are none. */
  readonly inTurn: InTurn | undefined;
  readonly options: Pick<CachedFetchOptions, "cache" | "ttlMs" | "scope" | "sample" | "admit" | "replay" | "authorize">;
}

interface Keyed<Request> {
  readonly request: Request;
  readonly scope: string | undefined;
  readonly retention?: Retention;
}

/** The call for a request. If the surface refuses the request, it passes through, because the server describes the problem better. */
export function callFor<Request extends object, Answer extends object>(
  { options }: Cache,
  { control, url }: Fetched,
  surface: Surface<Request, Answer>,
  found: Keyed<Request>,
  ask: CallOptions<Request, Answer>["ask"],
): Call<Request, Answer> | PassedThrough {
  const { mode = options.cache, sample = options.sample } = control;
  try {
    return createCall(withAdmit(surface, options.admit), found.request, {
      mode,
      sample,
      scope: scopeIn(options.scope, found),
      ttlMs: found.retention === undefined ? options.ttlMs : atMost(found.retention.ttlMs, options.ttlMs),
      isReadOnly: true,
      provider: url.host,
      ask,
    });
  } catch (error) {
    if (InvalidRequestError.is(error)) return { passes: error.message };
    throw error;
  }
}

/** Lets the option decide about a request that may be answered from the store. */
export async function authorized<Request extends object, Answer extends object>(
  { options: { authorize } }: Cache,
  { url }: Fetched,
  { surface, request }: Call<Request, Answer>,
): Promise<void> {
  await authorize?.({ method: "POST", url, surface: surface.name, model: surface.model?.(request), passes: undefined });
}

/** An answer that a server keeps for an account has the scope of that server, even if an option treats all servers as one. */
export function scopeIn(
  option: CachedFetchOptions["scope"],
  { scope, retention }: Omit<Keyed<object>, "request">,
): string | undefined {
  const own = typeof option === "function" ? option(scope) : option === false ? undefined : (option ?? scope);
  return retention === undefined ? own : [own || scope, retention.account].filter(Boolean).join(" ");
}

function atMost(longestMs: number, ttlMs = Number.POSITIVE_INFINITY): number {
  return Math.min(longestMs, ttlMs);
}

export function withAdmit<Request extends object, Answer extends object>(
  surface: Surface<Request, Answer>,
  admit: CachedFetchOptions["admit"],
): Surface<Request, Answer> {
  if (admit === undefined) return surface;
  return { ...surface, admit: (answer, request) => surface.admit(answer, request) && admit(answer, request) };
}
