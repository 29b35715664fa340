import { RememError } from "@remem/core/plugin";

/** OpenAI's own endpoint. */
export const OPENAI_ENDPOINT = "https://api.openai.com/v1";

/** Which option an address comes from, for errors. */
export interface AddressOption {
  /** The function that the caller has called. */
  readonly where: string;
  /** The option's name. */
  readonly option: string;
}

/**
 * Normalizes the address of a server: no query and no trailing slash.
 * @throws {RememError} with code `INVALID_OPTION`, naming the option, if it is not an http(s) URL or contains a password
 */
export function serverAddress(address: string, { where, option }: AddressOption): string {
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

/** Splits an address into the part that the SDK can append a path to, and the query to send with every request. */
export function splitQuery(address: string): { readonly baseURL: string; readonly search: string } {
  const url = URL.parse(address);
  if (url === null || (url.search === "" && url.hash === "")) return { baseURL: address, search: "" };
  return { baseURL: `${url.origin}${url.pathname}`, search: url.search };
}
