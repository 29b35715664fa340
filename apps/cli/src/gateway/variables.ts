import { type Environment, type Upstreams, VARIABLES, variablesOf } from "./upstreams.ts";

/** The path of each vendor at the gateway. */
const PATHS: Readonly<Record<string, string>> = { openai: "/v1", anthropic: "", gemini: "", azure: "", ollama: "" };

/** The variables that lead clients to the gateway at this address. */
export function clientVariables(url: string, upstreams: Upstreams, env: Environment): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of Object.keys({ ...VARIABLES, ...upstreams })) {
    if (!isUsed(name, upstreams, env)) continue;
    const [first, ...further] = variablesOf(name);
    const address = `${url}${PATHS[name] ?? `/${name}`}`;
    variables[first] = address;
    // A client that prefers one of these would go past the gateway.
    for (const other of further) if (name === "ollama" || env[other]) variables[other] = address;
  }
  return variables;
}

/** Programs use Azure if its address is set, and the client for Azure takes OpenAI's address for its own. */
function isUsed(name: string, { azure }: Upstreams, env: Environment): boolean {
  if (name === "azure") return azure !== undefined;
  return name !== "openai" || azure === undefined || Boolean(env.OPENAI_API_KEY || env.OPENAI_BASE_URL);
}

/** Without a key the clients of these vendors send nothing. */
const KEYS = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"];

/** Keys for a program that needs none, because it gets only stored answers. It gets no such key if the environment has a real one. */
export function placeholderKeys(env: Environment): Record<string, string> {
  if ([...KEYS, "AZURE_OPENAI_API_KEY", "GOOGLE_API_KEY"].some((name) => env[name])) return {};
  return Object.fromEntries(KEYS.map((name) => [name, "none"]));
}

/** Variables that keep loopback requests from the proxies of this environment. */
export function proxyVariables(env: Environment): Record<string, string> {
  const names = ["http_proxy", "https_proxy", "all_proxy"];
  if (!names.some((name) => env[name] || env[name.toUpperCase()])) return {};
  const direct = [env.no_proxy || env.NO_PROXY, "127.0.0.1", "localhost"].filter(Boolean).join(",");
  return { no_proxy: direct, NO_PROXY: direct };
}
