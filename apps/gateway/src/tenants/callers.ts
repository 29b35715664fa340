import type { IncomingMessage } from "node:http";
import type { CachedFetch, CachedFetchOptions } from "@remem/fetch";
import { GatewayError } from "../errors.ts";
import { whyForbidden } from "../guard.ts";
import type { PriceOf } from "../prices.ts";
import { authorizeFor } from "./authorize.ts";
import { createCounters } from "./counters.ts";
import { keepLimits } from "./limits.ts";
import { scopeOf } from "./scope.ts";
import { checkTenants, type Tenant, type TenantRight } from "./tenant.ts";
import { digestIn, ownerOf, presentedIn } from "./tokens.ts";

/** Options of `cachedFetch` that are a tenant's own. */
export type OwnFetchOptions = Pick<CachedFetchOptions, "onCall" | "scope" | "authorize" | "limits">;

/** The sender of a request. */
export interface Caller {
  /** Undefined if the gateway has no tenants. */
  readonly name: string | undefined;
  readonly fetch: CachedFetch;
  readonly rights: readonly TenantRight[];
}

/** A caller, and the evidence for it. */
export interface Known {
  readonly caller: Caller;
  /** Whether its token stands where the key of the upstream would, and must not be sent. */
  readonly isTokenInPlaceOfKey: boolean;
}

/** The callers of a gateway. */
export interface Callers {
  /** @throws {GatewayError} for a request without a known token. If there are no tokens, for a request of a page in a browser. */
  identify(incoming: IncomingMessage): Known;
  /** @throws {GatewayError} for a request of a page in a browser, which has no token */
  guard(incoming: IncomingMessage): void;
  readonly all: readonly Caller[];
  /** Whether each caller needs a token. */
  readonly haveTokens: boolean;
  /** Prepares for requests. */
  open(): Promise<void>;
  close(): Promise<void>;
}

export interface CallersOptions {
  readonly tenants: Readonly<Record<string, Tenant>> | undefined;
  /** Makes the `fetch` for the requests of a caller. */
  makeFetch(tenant: string | undefined, own: OwnFetchOptions): CachedFetch;
  readonly priceOf: PriceOf | undefined;
  readonly redisUrl: string | undefined;
}

/**
 * The caller of a gateway for one person, or its tenants.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function createCallers(where: string, options: CallersOptions): Callers {
  const { tenants, makeFetch, priceOf = () => undefined, redisUrl } = options;
  if (tenants === undefined) return onePerson(makeFetch(undefined, {}));
  checkTenants(where, tenants);
  const counters = createCounters(redisUrl);
  const owners: Array<readonly [Buffer, Caller]> = [];
  const all = Object.entries(tenants).map(([name, tenant]) => {
    const { limits = {}, unpriced = "refuse" } = tenant;
    const scope = scopeOf(name, tenant);
    const kept = keepLimits({ tenant: name, limits, unpriced, priceOf, counters });
    const fetch = makeFetch(name, {
      authorize: authorizeFor(name, tenant, kept.passing),
      limits: { budget: kept.budget, maxWaitMs: 0 },
      ...(scope && { scope }),
    });
    const caller: Caller = { name, fetch, rights: tenant.rights ?? [] };
    for (const hash of tenant.tokens) owners.push([digestIn(hash)!, caller]);
    return caller;
  });
  return {
    all,
    haveTokens: true,
    open: counters.open,
    guard() {},
    identify(incoming) {
      for (const { token, isInPlaceOfKey } of presentedIn(incoming)) {
        const caller = ownerOf(token, owners);
        if (caller !== undefined) return { caller, isTokenInPlaceOfKey: isInPlaceOfKey };
      }
      throw new GatewayError(
        401,
        "invalid_token",
        "the request has no valid token of the gateway. Send the token as the API key.",
      );
    },
    async close() {
      await Promise.all(all.map(({ fetch }) => fetch.close()));
      await counters.close();
    },
  };
}

function onePerson(fetch: CachedFetch): Callers {
  const caller: Caller = { name: undefined, fetch, rights: ["metrics"] };
  const known = { caller, isTokenInPlaceOfKey: false };
  function guard(incoming: IncomingMessage): void {
    const problem = whyForbidden(incoming);
    if (problem !== undefined) throw new GatewayError(403, "forbidden", problem);
  }
  function identify(incoming: IncomingMessage): Known {
    guard(incoming);
    return known;
  }
  return { all: [caller], haveTokens: false, identify, guard, open: async () => {}, close: () => fetch.close() };
}
