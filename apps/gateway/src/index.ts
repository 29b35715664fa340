export type { GatewayStats } from "./answers.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export type { ListenOptions } from "./server.ts";
export type { CacheStats } from "./stats.ts";
export type { OwnFetchOptions } from "./tenants/callers.ts";
export type { PriceOf, TenantLimits } from "./tenants/limits.ts";
export type { Tenant, TenantRight } from "./tenants/tenant.ts";
export { hashOf, newToken } from "./tenants/tokens.ts";
export type { Upstream } from "./upstreams.ts";
