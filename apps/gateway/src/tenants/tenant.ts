import { checkOptions, invalidOption, isMembers } from "@remem/core/plugin";
import { checkTenantLimits, type TenantLimits } from "./limits.ts";
import { digestIn } from "./tokens.ts";

/** A user of the gateway: a person, a team, a program. */
export interface Tenant {
  /** Hashes of its tokens, as `hashOf` and `remem token` make them. There may be several, so that a new token can follow an old one. */
  readonly tokens: readonly string[];
  /**
   * The scope of its entries. Tenants of one scope share their entries. By default its own name, so that no other tenant sees
   * them. `false`: it shares the entries of all programs that use the store without a gateway.
   */
  readonly scope?: string | false | undefined;
  /** The models that it may ask, where `*` stands for any characters: `["gpt-4o-mini", "claude-*"]`. All by default. */
  readonly models?: readonly string[] | undefined;
  /** Its limits. Unlimited by default. */
  readonly limits?: TenantLimits | undefined;
  /** Whether it may ask models whose price is unknown in spite of a budget: `"refuse"` by default. */
  readonly unpriced?: "refuse" | "allow" | undefined;
  /**
   * Whether its requests that are not cached pass through. They may read what others have stored at the server with the same
   * key, and their cost is not counted. False by default, except for lists of models.
   */
  readonly passThrough?: boolean | undefined;
  /**
   * Its other rights at the gateway: to see the `"metrics"`, to `"view"` the entries of its scope in a page at `/_remem/`, and
   * to `"delete"` them there. None by default.
   */
  readonly rights?: readonly TenantRight[] | undefined;
}

/** A right of a tenant at the gateway. */
export type TenantRight = "metrics" | "view" | "delete";

const RIGHTS: readonly unknown[] = ["metrics", "view", "delete"] satisfies TenantRight[];

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

/** @throws {RememError} with code `INVALID_OPTION` */
export function checkTenants(where: string, tenants: Readonly<Record<string, Tenant>>): void {
  if (!isMembers(tenants) || Object.keys(tenants).length === 0)
    throw invalidOption(where, "tenants", "an object with at least one tenant");
  for (const [name, tenant] of Object.entries(tenants)) checkTenant(where, name, tenant);
  checkTokens(where, tenants);
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
  if (rights !== undefined && !(Array.isArray(rights) && rights.every((right) => RIGHTS.includes(right))))
    throw invalidOption(where, `${option}.rights`, 'a list of "metrics", "view" and "delete"');
  if (rights?.includes("delete") && !rights.includes("view"))
    throw invalidOption(where, `${option}.rights`, '"delete" beside "view" alone: entries are deleted in the page');
}

/** A token of two tenants would identify only the last of them. */
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
