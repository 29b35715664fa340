import type { Tenant } from "./tenant.ts";

/**
 * The scope of a tenant's requests to a server. Each server except OpenAI's has a scope of its own. Undefined if the tenant
 * shares the entries of programs without a gateway.
 */
export function scopeOf(name: string, { scope = name }: Tenant): ((server: string | undefined) => string) | undefined {
  return scope === false ? undefined : (server) => ["tenant", scope, server].filter(Boolean).join(" ");
}

const OF_TENANTS = /^tenant ([^ ]+)(?: |$)/;

/** Says whether an entry with this scope is one of those that a tenant reads and writes. */
export function inScopeOf(name: string, { scope = name }: Tenant): (recorded: string | undefined) => boolean {
  return (recorded) => (OF_TENANTS.exec(recorded ?? "")?.[1] ?? false) === scope;
}
