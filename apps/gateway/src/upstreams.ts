import { invalidOption, isMembers } from "@remem/core/plugin";

/** A server that requests go to. */
export interface Upstream {
  /**
   * Its address: the part before `/chat/completions` for OpenAI and compatible servers, before `/v1/messages` for Anthropic,
   * before `/v1beta` for Gemini, before `/openai` for Azure, before `/api` for Ollama.
   */
  readonly baseURL: string;
  /** The key that is sent instead of the caller's. By default the caller's own passes through. */
  readonly apiKey?: string | undefined;
}

/** The kinds of servers that have paths of their own at the gateway. */
export type Vendor = "openai" | "anthropic" | "gemini" | "azure" | "ollama";

/** An upstream whose address was checked. */
export interface Server {
  readonly name: string;
  readonly base: URL;
  readonly apiKey: string | undefined;
}

/** The vendors' addresses. Each resource of Azure has an address of its own. */
const OWN_ADDRESSES: Readonly<Record<Vendor, string | undefined>> = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com",
  gemini: "https://generativelanguage.googleapis.com",
  azure: undefined,
  ollama: "http://127.0.0.1:11434",
};
export const VENDORS = Object.keys(OWN_ADDRESSES) as readonly Vendor[];

/** The first segments of the vendors' paths, which cannot be names of upstreams. */
const TAKEN = /^(?:v\d.*|api|messages|complete|models|files|upload|download|healthz|readyz|metrics)$/i;
const NAME = /^[A-Za-z0-9][\w-]*$/;

/**
 * The vendors' servers and the further ones, by name.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function serversOf(
  where: string,
  upstreams: Readonly<Record<string, Upstream>> | undefined,
): ReadonlyMap<string, Server> {
  if (upstreams !== undefined && !isMembers(upstreams)) throw invalidOption(where, "upstreams", "an object");
  const servers = new Map<string, Server>();
  for (const name of VENDORS) {
    const address = OWN_ADDRESSES[name];
    if (address !== undefined) servers.set(name, { name, base: new URL(address), apiKey: undefined });
  }
  for (const [name, upstream] of Object.entries(upstreams ?? {})) servers.set(name, serverOf(where, name, upstream));
  return servers;
}

function serverOf(where: string, name: string, upstream: Upstream): Server {
  const option = `upstreams.${name}`;
  if (!NAME.test(name) || TAKEN.test(name)) {
    throw invalidOption(where, option, "named with letters, digits, _ and -, and not as a path of a vendor");
  }
  if (!isMembers(upstream)) throw invalidOption(where, option, "an object with `baseURL`");
  const { baseURL, apiKey } = upstream as Partial<Upstream>;
  if (apiKey !== undefined && (typeof apiKey !== "string" || !/^[\x21-\x7e]+$/.test(apiKey))) {
    throw invalidOption(where, `${option}.apiKey`, "a key");
  }
  const base = typeof baseURL === "string" ? URL.parse(baseURL) : null;
  if (base === null || !/^https?:$/.test(base.protocol) || base.username + base.password + base.search + base.hash) {
    throw invalidOption(
      where,
      `${option}.baseURL`,
      "an address that begins with http:// or https://, without credentials and query",
    );
  }
  // The clients of Anthropic disagree on whether the address ends with `/v1`.
  if (name === "anthropic") base.pathname = base.pathname.replace(/\/v1\/*$/, "/");
  base.pathname = base.pathname.replace(/\/+$/, "");
  return { name, base, apiKey };
}
