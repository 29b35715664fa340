export type { GatewayStats } from "./answers.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export type { ListenOptions } from "./server.ts";
export type { CacheStats } from "./stats.ts";
export type { PriceOf, TenantLimits } from "./tenants/limits.ts";
export type { OwnFetchOptions, Tenant, TenantRight } from "./tenants/tenants.ts";
export { hashOf, newToken } from "./tenants/tokens.ts";
export type { Upstream } from "./upstreams.ts";
