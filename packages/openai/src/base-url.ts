import { RememError } from "@remem/core/plugin";

/** OpenAI's own endpoint. */
export const OPENAI_ENDPOINT = "https://api.openai.com/v1";

/**
 * The default scope of the server at an address: undefined for OpenAI's own endpoint, else the normalized address, so that
 * every spelling of an address has the same scope.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function scopeOf(baseURL: string): string | undefined {
  const scope = serverAddress(baseURL, { where: "openaiProvider", option: "baseURL" });
  return scope === OPENAI_ENDPOINT ? undefined : scope;
}

/**
 * Normalizes the address of a server: no query and no trailing slash.
 * @throws {RememError} with code `INVALID_OPTION`, naming the option, if it is not an http(s) URL or contains a password
 */
export function serverAddress(
  address: string,
  { where, option }: { readonly where: string; readonly option: string },
): string {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new RememError("INVALID_OPTION", `${where}: \`${option}\` must be a URL such as https://example.com/v1.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new RememError(
      "INVALID_OPTION",
      `${where}: \`${option}\` must not contain a user or password; use \`apiKey\` instead.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
