import type { ConfigFile, ConfiguredTenant, ConfiguredUpstream } from "./config.ts";
import { memberPath } from "./parsed.ts";
import { expanded } from "./values.ts";

/** The gateway's part of a configuration file, with the values of its variables. */
export interface ConfiguredGateway {
  /** The servers behind it, by name. */
  readonly upstreams: Readonly<Record<string, ConfiguredUpstream>>;
  /** The tenants, by name. */
  readonly tenants: Readonly<Record<string, ConfiguredTenant>> | undefined;
  /** The URL of the Redis in which gateways count together. */
  readonly redis: string | undefined;
}

/**
 * Reads the gateway's part of a configuration file.
 * @throws {RememError} with code `INVALID_OPTION` if the file names a variable that is not set
 */
export function configuredGateway(file: ConfigFile | undefined): ConfiguredGateway {
  const { tenants, redis } = file?.config.gateway ?? {};
  return {
    upstreams: upstreamsIn(file),
    tenants,
    redis: redis === undefined ? undefined : expanded(redis, memberPath(["gateway", "redis"]), file!),
  };
}

function upstreamsIn(file: ConfigFile | undefined): Record<string, ConfiguredUpstream> {
  const upstreams = Object.entries(file?.config.gateway?.upstreams ?? {}).map(([name, { baseURL, apiKey }]) => {
    const read = (member: string, text: string): string =>
      expanded(text, memberPath(["gateway", "upstreams", name, member]), file!);
    const key = apiKey?.startsWith("$") ? apiKey : `\${${apiKey}}`;
    return [name, { baseURL: read("baseURL", baseURL), ...(apiKey !== undefined && { apiKey: read("apiKey", key) }) }];
  });
  return Object.fromEntries(upstreams);
}
