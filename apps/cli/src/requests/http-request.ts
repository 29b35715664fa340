import { UsageError } from "../flags/usage-error.ts";
import { isObject, type Members } from "../json.ts";
import { isChatEndpoint } from "./batch-line.ts";
import { shellWords } from "./shell-words.ts";

/** A request as a program sends it over HTTP. */
export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
}

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/[\d.]+\r?\n/;
const CURL = /^\s*(?:\$\s*)?curl\s/;

/** Reads the file that a `curl` command names for its body. */
export type BodyReader = (path: string) => string;

/**
 * Reads a request as it goes over the wire, or a `curl` command. Undefined for any other text.
 * @throws {UsageError} if a command cannot be read
 */
export function httpRequestIn(text: string, base: string, readBody: BodyReader): HttpRequest | undefined {
  const [line, method = "", target = ""] = REQUEST_LINE.exec(text) ?? [];
  if (line !== undefined) return wireRequest(method, target, text.slice(line.trimEnd().length), base);
  return CURL.test(text) ? curlRequest(text, base, readBody) : undefined;
}

/** Reads an object with the members `url` (or `path`), `body`, and maybe `method` and `headers`. Undefined for a line of a batch. */
export function httpRequestOf(
  { method = "POST", url, path, headers, body, ...line }: Members,
  base: string,
): HttpRequest | undefined {
  const target = url ?? path;
  if (typeof target !== "string" || typeof method !== "string" || body === undefined || body === null) return undefined;
  if (isChatEndpoint(target) && ("custom_id" in line || !/^https?:/.test(target))) return undefined;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { url: addressOf(target, base), method, headers: headersOf(headers), body: text };
}

function wireRequest(method: string, target: string, rest: string, base: string): HttpRequest {
  const [head = ""] = /^.*?(?:\r?\n\r?\n|$)/s.exec(rest) ?? [];
  const lines = head.split(/\r?\n/).map((line) => /^([^\s:]+):(.*)$/.exec(line));
  const headers = headersOf(lines.flatMap((line) => (line === null ? [] : [[line[1]!, line[2]!.trim()]])));
  const host = headers.get("host");
  const server = host === null ? base : `${isPlain(host) ? "http" : "https"}://${host}`;
  return { url: addressOf(target, server), method, headers, body: rest.slice(head.length) };
}

/** A server on this machine, or at a port of its own, is asked without TLS. */
function isPlain(host: string): boolean {
  return /^(?:localhost|127\.[\d.]+|\[::1\])(?::|$)/i.test(host) || /:(?!443$)\d+$/.test(host);
}

const VALUES: Readonly<Record<string, string>> = {
  X: "request",
  H: "header",
  d: "data",
  "data-raw": "data",
  "data-ascii": "data",
  "data-binary": "data",
};

function curlRequest(command: string, base: string, readBody: BodyReader): HttpRequest {
  const words = shellWords(command.trim())?.slice(1);
  if (words === undefined) throw new UsageError("The curl command has an unclosed quote.");
  const found: Record<string, string[]> = { request: [], header: [], data: [], json: [], url: [] };
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const [, long, short, attached] = /^--([\w-]+)$|^-([XHd])(.*)$/s.exec(word) ?? [];
    const name = long ?? short ?? "";
    const values = found[VALUES[name] ?? name];
    if (values !== undefined) values.push(attached || (words[++at] ?? ""));
    else if (/^https?:\/\//.test(word) && !/^(?:-x|--proxy|-e|--referer)$/.test(words[at - 1] ?? ""))
      found.url!.push(word);
  }
  const { request, header, data, json, url } = found;
  if (url?.[0] === undefined)
    throw new UsageError("The curl command has no address that begins with http:// or https://.");
  const headers = headersOf(
    header!.flatMap((line) => (/^[^\s:]+:/.test(line) ? [line.split(/:(.*)/s).slice(0, 2)] : [])),
  );
  const body = [...data!, ...json!]
    .map((given) => (given.startsWith("@") ? readBody(given.slice(1)) : given))
    .join("&");
  return { url: addressOf(url[0], base), method: request!.at(-1) ?? (body === "" ? "GET" : "POST"), headers, body };
}

function addressOf(target: string, base: string): string {
  const url = URL.parse(target, base);
  if (url === null) throw new UsageError(`The request has no address: ${JSON.stringify(target)}.`);
  return url.href;
}

/** Headers that cannot be sent are left out. */
function headersOf(given: unknown): Headers {
  const headers = new Headers();
  const pairs: readonly unknown[] = Array.isArray(given) ? given : isObject(given) ? Object.entries(given) : [];
  for (const pair of pairs) {
    const { name, value } = isObject(pair) ? pair : { name: (pair as unknown[])[0], value: (pair as unknown[])[1] };
    try {
      headers.append(String(name), [value].flat().join(", "));
    } catch {
      // Such as a value that a shell would have filled in.
    }
  }
  return headers;
}
