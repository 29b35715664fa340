import { type Call, createCall, InvalidRequestError, type JsonObject, type KeyedRequest } from "@remem/core";
import { checkCount } from "@remem/core/plugin";
import { scopeIn } from "./answers/cache.ts";
import type { CachedFetchOptions } from "./options.ts";
import { fetchedRequest, NOT_CACHED } from "./request/fetched.ts";
import type { PassedThrough } from "./surfaces/http-surface.ts";
import { type AnySurface, builtInSurfaces } from "./surfaces/surfaces.ts";

/** The options of `fetchKeys`: those of the `cachedFetch` that handles the request. */
export type FetchKeysOptions = Pick<CachedFetchOptions, "scope" | "sample" | "surfaces">;

/**
 * Returns the keys of a request to `cachedFetch`: one, or one for each item of a list, such as the texts of embeddings. Sends
 * nothing. `passes` is the reason why `cachedFetch` does not cache the request.
 */
export async function fetchKeys(
  input: string | URL | Request,
  init?: RequestInit,
  options: FetchKeysOptions = {},
): Promise<readonly KeyedRequest[] | PassedThrough> {
  checkCount("fetchKeys", "sample", options.sample, 0);
  const kinds = [...(options.surfaces ?? []), ...builtInSurfaces] as readonly AnySurface[];
  const fetched = await fetchedRequest(input, init, (url) => kinds.find((kind) => kind.matches(url)));
  if (fetched === undefined) return { passes: NOT_CACHED };
  const { kind } = fetched;
  const found = "split" in kind ? kind.findItems(fetched) : kind.find(fetched);
  if ("passes" in found) return found;
  const scope = scopeIn(options.scope, found);
  const { sample = options.sample } = fetched.control;
  const requests = "items" in found ? found.items : [found.request];
  try {
    return requests.map((request) => keyed(createCall(kind.surface, request, { scope, sample, ...NOBODY })));
  } catch (error) {
    if (InvalidRequestError.is(error)) return { passes: error.message };
    throw error;
  }
}

/** The keys need no provider. */
const NOBODY = { provider: "", ask: async () => ({}) };

function keyed({ surface, key, keyed, keyOptions }: Call<object, object>): KeyedRequest {
  const { scope, sample = 0 } = keyOptions;
  const facts = {
    ...(!surface.isImplicit && { surface: surface.name }),
    ...(scope !== undefined && { scope }),
    ...(sample > 0 && { sample }),
  };
  return { key, request: keyed as JsonObject, facts };
}
