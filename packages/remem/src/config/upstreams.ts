import type { ConfigFile, ConfiguredUpstream } from "./config.ts";
import { memberPath } from "./parsed.ts";
import { expanded } from "./values.ts";

/**
 * The servers behind the gateway that a configuration file names, with the values of its variables.
 * @throws {RememError} with code `INVALID_OPTION` if the file names a variable that is not set
 */
export function configuredUpstreams(file: ConfigFile | undefined): Record<string, ConfiguredUpstream> {
  const upstreams = Object.entries(file?.config.gateway?.upstreams ?? {}).map(([name, { baseURL, apiKey }]) => {
    const read = (member: string, text: string): string =>
      expanded(text, memberPath(["gateway", "upstreams", name, member]), file!);
    const key = apiKey?.startsWith("$") ? apiKey : `\${${apiKey}}`;
    return [name, { baseURL: read("baseURL", baseURL), ...(apiKey !== undefined && { apiKey: read("apiKey", key) }) }];
  });
  return Object.fromEntries(upstreams);
}
