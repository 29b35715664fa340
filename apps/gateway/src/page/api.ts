import { fetchKeys, fetchSurfaces } from "@remem/fetch";
import type { PriceOf } from "../prices.ts";
import { destinationOf } from "../routes.ts";
import { createModelList } from "../tenants/models.ts";
import { inScopeOf, scopeOf } from "../tenants/scope.ts";
import type { Tenant } from "../tenants/tenant.ts";
import type { Server } from "../upstreams.ts";
import type { SentRequest, ViewedCache } from "./viewed-cache.ts";

type ShownCache = import("@remem/view").ShownCache;

/** The parts of a tenant's page. */
export interface PageParts {
  readonly view: ViewedCache;
  readonly servers: ReadonlyMap<string, Server>;
  readonly priceOf: PriceOf | undefined;
}

/** The part of a cache that a tenant sees: the entries that may answer its requests. */
export function shownTo(name: string, tenant: Tenant, { view, servers, priceOf }: PageParts): ShownCache {
  const { store, requestIn } = view;
  const { models, rights = [] } = tenant;
  const isOfScope = inScopeOf(name, tenant);
  const mayAsk = models === undefined ? () => true : createModelList(models);
  return {
    store,
    shows: ({ scope, model }) => isOfScope(scope) && mayAsk(model ?? ""),
    place: placeOf(name, tenant),
    surfaces: fetchSurfaces,
    mayDelete: rights.includes("delete"),
    priceOf: priceOf && ((model, { prompt, completion }) => priceOf(model, { input: prompt, output: completion })),
    keysOf:
      requestIn &&
      (async (text) => {
        const { url, ...init } = sentOn(await requestIn(text), servers);
        const keys = await fetchKeys(url, init, { scope: scopeOf(name, tenant) });
        if ("passes" in keys) throw new Error(`This request is not cached: ${keys.passes}.`);
        return keys;
      }),
  };
}

function placeOf(name: string, { scope = name }: Tenant): string {
  if (scope === name) return name;
  return scope === false ? `${name}, without a scope` : `${name}, scope ${scope}`;
}

/** Converts a request as programs send it to the gateway to one as it reaches its server. */
function sentOn(request: SentRequest, servers: ReadonlyMap<string, Server>): SentRequest {
  const url = new URL(request.url);
  if ([...servers.values()].some(({ base }) => base.origin === url.origin)) return request;
  const target = {
    method: request.method,
    path: `${url.pathname}${url.search}`,
    headers: Object.fromEntries(request.headers),
  };
  return { ...request, url: destinationOf(target, servers, false).url.href };
}
