import type { Tenant } from "./tenant.ts";

/** The scope of a tenant's requests to a server, which has one of its own unless it is OpenAI's. Undefined for that of no gateway. */
export function scopeOf(name: string, { scope = name }: Tenant): ((server: string | undefined) => string) | undefined {
  return scope === false ? undefined : (server) => ["tenant", scope, server].filter(Boolean).join(" ");
}

const OF_TENANTS = /^tenant ([^ ]+)(?: |$)/;

/** Says whether an entry with this scope is one of those that a tenant reads and writes. */
export function inScopeOf(name: string, { scope = name }: Tenant): (recorded: string | undefined) => boolean {
  return (recorded) => (OF_TENANTS.exec(recorded ?? "")?.[1] ?? false) === scope;
}
