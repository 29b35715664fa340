import { RememError } from "@remem/core";

/** OpenAI's own endpoint. */
export const OPENAI = "https://api.openai.com/v1";

/**
 * Whose model it is that answers at this address: undefined for OpenAI's own endpoint, else the address in its one
 * normal form, so that the same server has the same scope however it was written.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function scopeOf(baseURL: string): string | undefined {
  const url = URL.parse(baseURL);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new RememError("INVALID_OPTION", "openaiProvider: `baseURL` must be a URL such as http://localhost:8000/v1.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new RememError(
      "INVALID_OPTION",
      "openaiProvider: `baseURL` must not hold a user or a password; use `apiKey`.",
    );
  }
  const scope = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  return scope === OPENAI ? undefined : scope;
}
