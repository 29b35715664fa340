import type { ConfiguredUpstream } from "remem/config";

export type Environment = Readonly<Record<string, string | undefined>>;
export type Upstreams = Readonly<Record<string, ConfiguredUpstream>>;

/** The variables that give the clients of a vendor their address. Some clients prefer the further ones. */
export const VARIABLES: Readonly<Record<string, readonly [first: string, ...further: string[]]>> = {
  openai: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
  anthropic: ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL"],
  gemini: ["GOOGLE_GEMINI_BASE_URL"],
  azure: ["AZURE_OPENAI_ENDPOINT"],
  ollama: ["OLLAMA_HOST", "OLLAMA_BASE_URL"],
};

/** The servers behind the gateway: those of the configuration file, unless variables name others. */
export function upstreamsOf(configured: Upstreams, env: Environment, port?: number): Upstreams {
  const found = Object.keys({ ...VARIABLES, ...configured }).flatMap((name): Array<[string, ConfiguredUpstream]> => {
    const variable = variableOf(name, env, port);
    const address = variable && env[variable]!;
    const baseURL = variable === "OLLAMA_HOST" ? ollamaAddress(address!) : address;
    const own = configured[name];
    if (baseURL === undefined) return own === undefined ? [] : [[name, own]];
    // A key is sent only to the server that it was configured for.
    return [[name, own?.baseURL === baseURL ? own : { baseURL }]];
  });
  return Object.fromEntries(found);
}

/** The variable that names the server, if one does. */
export function variableOf(name: string, env: Environment, port?: number): string | undefined {
  return variablesOf(name).find((variable) => env[variable] && !isAt(env[variable], port));
}

export function variablesOf(name: string): readonly [first: string, ...further: string[]] {
  return VARIABLES[name] ?? [`${name.toUpperCase().replaceAll("-", "_")}_BASE_URL`];
}

/**
 * Whether an address is that of a gateway at this port: a user may have set it for the clients, and then start the gateway in
 * the same shell.
 */
function isAt(address: string, port: number | undefined): boolean {
  const url = URL.parse(address.includes("://") ? address : `http://${address}`);
  return port !== undefined && /^(?:localhost|127\..*|\[::1\])$/.test(url?.hostname ?? "") && url?.port === `${port}`;
}

/** Ollama takes a host with a port or without, and an address of any interface for a server. */
function ollamaAddress(host: string): string {
  const url = URL.parse(host.includes("://") ? host : `http://${host.replace(/^(?=:|$)/, "127.0.0.1")}`);
  if (url === null) return host;
  if (url.port === "" && !host.includes("://")) url.port = "11434";
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  return url.href.replace(/\/$/, "");
}
