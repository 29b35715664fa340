import type { IncomingMessage } from "node:http";
import { checkOptions, invalidOption, isMembers } from "@remem/core/plugin";
import type { AskedFor, CachedFetch, CachedFetchOptions } from "@remem/fetch";
import { GatewayError } from "../errors.ts";
import { whyForbidden } from "../guard.ts";
import { createCounters } from "./counters.ts";
import { checkTenantLimits, keepLimits, type PriceOf, type TenantLimits } from "./limits.ts";
import { createModelList } from "./models.ts";
import { digestIn, ownerOf, presentedIn } from "./tokens.ts";

/** Somebody who may use the gateway: a person, a team, a program. */
export interface Tenant {
  /** Hashes of the tokens by which it is known, as `hashOf` and `remem token` make them. Several, so that one can follow another. */
  readonly tokens: readonly string[];
  /**
   * Whose entries it reads and writes. Tenants of one scope share them. By default its own name, so that nobody else sees them; `false`
   * for those of all who use the store without a gateway.
   */
  readonly scope?: string | false | undefined;
  /** The models that it may ask, where `*` stands for any characters: `["gpt-4o-mini", "claude-*"]`. All by default. */
  readonly models?: readonly string[] | undefined;
  /** What it may use. Unlimited by default. */
  readonly limits?: TenantLimits | undefined;
  /** Whether it may ask models whose price is unknown in spite of a budget: `"refuse"` by default. */
  readonly unpriced?: "refuse" | "allow" | undefined;
  /**
   * Whether its requests that are not cached pass through. They may read what others have stored at the server with the same key, and
   * their cost is not counted. False by default, but for lists of models.
   */
  readonly passThrough?: boolean | undefined;
  /** What else it may see of the gateway: its `"metrics"`. Nothing by default. */
  readonly rights?: readonly TenantRight[] | undefined;
}

/** What a tenant may see of the gateway. */
export type TenantRight = "metrics";

/** Options of `cachedFetch` that are a tenant's own. */
export type OwnFetchOptions = Pick<CachedFetchOptions, "onCall" | "scope" | "authorize" | "limits">;

/** Who sends a request. */
export interface Caller {
  /** Undefined where the gateway has no tenants. */
  readonly name: string | undefined;
  readonly fetch: CachedFetch;
  readonly rights: readonly TenantRight[];
}

/** A caller, and how it is known. */
export interface Known {
  readonly caller: Caller;
  /** Whether its token stands where the key of the upstream would, and must not be sent. */
  readonly isTokenInPlaceOfKey: boolean;
}

/** All who may use the gateway. */
export interface Callers {
  /** @throws {GatewayError} for a request without a token that is known, or of a page in a browser where there are no tokens */
  identify(incoming: IncomingMessage): Known;
  /** @throws {GatewayError} for a request of a page in a browser, which has no token */
  guard(incoming: IncomingMessage): void;
  readonly all: readonly Caller[];
  /** Whether each needs a token. */
  readonly haveTokens: boolean;
  close(): Promise<void>;
}

export interface CallersOptions {
  readonly tenants: Readonly<Record<string, Tenant>> | undefined;
  /** Makes what answers the requests of a caller. */
  makeFetch(tenant: string | undefined, own: OwnFetchOptions): CachedFetch;
  readonly priceOf: PriceOf | undefined;
  readonly redisUrl: string | undefined;
}

const NAME = /^[A-Za-z0-9][\w.-]*$/;
const KNOWN = {
  tokens: true,
  scope: true,
  models: true,
  limits: true,
  unpriced: true,
  passThrough: true,
  rights: true,
} as const satisfies Record<keyof Tenant, true>;

/**
 * The caller of a gateway for one person, or its tenants.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function createCallers(where: string, options: CallersOptions): Callers {
  const { tenants, makeFetch, priceOf = () => undefined, redisUrl } = options;
  if (tenants === undefined) return onePerson(makeFetch(undefined, {}));
  if (!isMembers(tenants) || Object.keys(tenants).length === 0)
    throw invalidOption(where, "tenants", "an object with at least one tenant");
  for (const [name, tenant] of Object.entries(tenants)) checkTenant(where, name, tenant);
  checkTokens(where, tenants);
  const counters = createCounters(redisUrl);
  const owners: Array<readonly [Buffer, Caller]> = [];
  const all = Object.entries(tenants).map(([name, tenant]) => {
    const { limits = {}, unpriced = "refuse", scope = name } = tenant;
    const kept = keepLimits({ tenant: name, limits, unpriced, priceOf, counters });
    const fetch = makeFetch(name, {
      authorize: authorizeFor(name, tenant, kept.passing),
      limits: { budget: kept.budget, maxWaitMs: 0 },
      ...(scope !== false && { scope: (server) => ["tenant", scope, server].filter(Boolean).join(" ") }),
    });
    const caller: Caller = { name, fetch, rights: tenant.rights ?? [] };
    for (const hash of tenant.tokens) owners.push([digestIn(hash)!, caller]);
    return caller;
  });
  return {
    all,
    haveTokens: true,
    guard() {},
    identify(incoming) {
      for (const { token, isInPlaceOfKey } of presentedIn(incoming)) {
        const caller = ownerOf(token, owners);
        if (caller !== undefined) return { caller, isTokenInPlaceOfKey: isInPlaceOfKey };
      }
      throw new GatewayError(
        401,
        "invalid_token",
        "the request has no token of the gateway. A client sends it as its API key.",
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
  return { all: [caller], haveTokens: false, identify, guard, close: () => fetch.close() };
}

function authorizeFor(
  name: string,
  { models, passThrough = false }: Tenant,
  passing: () => Promise<void>,
): (asked: AskedFor) => void | Promise<void> {
  const mayAsk = models === undefined ? () => true : createModelList(models);
  const tenant = `the tenant ${JSON.stringify(name)}`;
  return ({ method, url, model, passes, surface }) => {
    const isReading = method === "GET" || method === "HEAD";
    if (passes !== undefined && isReading && /\/(?:models(?:\/[^/]+)*|tags)$/.test(url.pathname)) return undefined;
    if (passes !== undefined && !passThrough) {
      const problem = `${tenant} may send no request that is not cached, unless its \`passThrough\` is true. This one is not: ${passes}.`;
      throw new GatewayError(403, "not_cached", problem);
    }
    if (models !== undefined && !isReading) {
      if (model === undefined && surface === undefined)
        throw new GatewayError(
          403,
          "model_not_allowed",
          `${tenant} may ask listed models only, and this request names none.`,
        );
      if (model === undefined || !mayAsk(model))
        throw new GatewayError(403, "model_not_allowed", `${tenant} may not ask the model ${JSON.stringify(model)}.`);
    }
    return passes === undefined ? undefined : passing();
  };
}

function checkTenant(where: string, name: string, tenant: Tenant): void {
  const option = `tenants.${name}`;
  if (!NAME.test(name)) throw invalidOption(where, option, "named with letters, digits, _, . and -");
  if (!isMembers(tenant)) throw invalidOption(where, option, "an object with `tokens`");
  checkOptions(`${where}: ${option}`, tenant, KNOWN);
  const { tokens, scope, models, limits, unpriced, passThrough, rights } = tenant;
  if (!Array.isArray(tokens) || tokens.length === 0 || tokens.some((hash) => digestIn(hash) === undefined))
    throw invalidOption(where, `${option}.tokens`, "a list of hashes, as `remem token` prints them: sha256:…");
  if (scope !== undefined && scope !== false && !(typeof scope === "string" && NAME.test(scope)))
    throw invalidOption(where, `${option}.scope`, "a name of letters, digits, _, . and -, or false");
  if (models !== undefined && !(Array.isArray(models) && models.every((model) => typeof model === "string" && model)))
    throw invalidOption(where, `${option}.models`, "a list of names of models");
  if (limits !== undefined) checkTenantLimits(where, `${option}.limits`, limits);
  if (unpriced !== undefined && unpriced !== "refuse" && unpriced !== "allow")
    throw invalidOption(where, `${option}.unpriced`, '"refuse" or "allow"');
  if (passThrough !== undefined && typeof passThrough !== "boolean")
    throw invalidOption(where, `${option}.passThrough`, "true or false");
  if (rights !== undefined && !(Array.isArray(rights) && rights.every((right) => right === "metrics")))
    throw invalidOption(where, `${option}.rights`, 'a list of "metrics"');
}

/** A token of two tenants would be that of the last. */
function checkTokens(where: string, tenants: Readonly<Record<string, Tenant>>): void {
  const owners = new Map<string, string>();
  for (const [name, { tokens }] of Object.entries(tenants)) {
    for (const hash of tokens) {
      const other = owners.get(hash);
      if (other !== undefined && other !== name)
        throw invalidOption(
          where,
          `tenants.${name}.tokens`,
          `other tokens than those of the tenant ${JSON.stringify(other)}`,
        );
      owners.set(hash, name);
    }
  }
}
