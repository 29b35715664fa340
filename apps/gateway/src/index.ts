export {
  createGateway,
  type Gateway,
  type GatewayFetchOptions,
  type GatewayOptions,
  type GatewayStats,
} from "./gateway.ts";
export type { ListenOptions } from "./server.ts";
export type { Upstream } from "./upstreams.ts";
