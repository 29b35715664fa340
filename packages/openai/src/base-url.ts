import { RememError } from "@remem/core";

/** OpenAI's own endpoint. */
export const OPENAI_ENDPOINT = "https://api.openai.com/v1";

/**
 * Whose model it is that answers at this address: undefined for OpenAI's own endpoint, else the address in its one
 * normal form, so that the same server has the same scope however it was written.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function scopeOf(baseURL: string): string | undefined {
  const scope = serverAddress(baseURL, { where: "openaiProvider", option: "baseURL" });
  return scope === OPENAI_ENDPOINT ? undefined : scope;
}

/**
 * The one normal form of a server's address: no query, no slash at its end.
 * @throws {RememError} with code `INVALID_OPTION`, naming the option: for what is no http(s) URL, or holds a password.
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
      `${where}: \`${option}\` must not hold a user or a password; use \`apiKey\`.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
