export type {
  ConfigFile,
  ConfiguredTenant,
  ConfiguredUpstream,
  GatewayConfig,
  ModelPrice,
  RememConfig,
} from "./config/config.ts";
export { type ConfigSearch, findConfig } from "./config/find.ts";
export { type ConfiguredGateway, configuredGateway } from "./config/gateway.ts";
export { openConfig } from "./config/open.ts";
export { memberPath } from "./config/parsed.ts";
export { type ConfigSource, type ResolvedOptions, resolveOptions } from "./config/resolve.ts";
