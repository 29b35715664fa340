import { fingerprint } from "@remem/core/plugin";
import { type AddressOption, OPENAI_ENDPOINT, serverAddress } from "./base-url.ts";

type Pair = readonly [name: string, value: string];

/** The data besides the request that selects the server and the model. */
interface Place {
  readonly baseURL: string;
  readonly deployment?: string | undefined;
  readonly query?: readonly Pair[];
  readonly headers?: readonly Pair[];
}

/** Names of headers and of members of a query that identify the caller. */
const CREDENTIAL = /auth|token|api[-_]?key|secret|cookie|session/i;
const CREDENTIAL_IN_QUERY = /^(?:key|sig|signature)$/i;

/** Headers that identify the caller or describe the transfer. Any other header may choose the model. */
const ABOUT_THE_CALLER =
  /^(?:openai-organization|openai-project|user-agent|x-stainless-.*|http-referer|x-title|x-openrouter-title|traceparent|tracestate|.*request-id.*|idempotency-key|accept|content-type)$/;

/**
 * The default scope of the server at an address: the normalized address, so that every spelling of it has the same scope, and
 * a hash of its query if there is one. Credentials in the query are left out.
 * @throws {RememError} with code `INVALID_OPTION`
 */
export function serverScope(baseURL: string, option: AddressOption): string {
  return scopeOf({ baseURL }, option);
}

/** The default scope of a client. It also contains its default query and headers, and its deployment in Azure. */
export function clientScope(client: object, option: AddressOption): string {
  const { baseURL, deploymentName, _options: options } = client as ClientMembers;
  return scopeOf(
    {
      baseURL: String(baseURL),
      deployment: typeof deploymentName === "string" && deploymentName !== "" ? deploymentName : undefined,
      query: queryOf(client as ClientMembers),
      headers: headersOf(options?.defaultHeaders),
    },
    option,
  );
}

/** OpenAI's own endpoint has no scope. */
export const unlessOpenAI = (scope: string): string | undefined => (scope === OPENAI_ENDPOINT ? undefined : scope);

/** Members that the types of the SDK hide. */
interface ClientMembers {
  readonly baseURL?: unknown;
  readonly deploymentName?: unknown;
  readonly _options?: { readonly defaultHeaders?: unknown; readonly defaultQuery?: unknown };
  defaultQuery?(): unknown;
}

function scopeOf({ baseURL, deployment, query = [], headers = [] }: Place, option: AddressOption): string {
  const server = serverAddress(baseURL, option);
  // The SDK does not change an address that already names a deployment.
  const isWhole = deployment === undefined || new URL(server).pathname.split("/").includes("deployments");
  const address = isWhole ? server : `${server}/deployments/${encodeURIComponent(deployment)}`;
  const named = new Set(query.map(([name]) => name));
  const own = [...new URL(baseURL).searchParams].filter(([name]) => !named.has(name));
  const pairs = [
    ...[...own, ...query]
      .filter(([name]) => !CREDENTIAL.test(name) && !CREDENTIAL_IN_QUERY.test(name))
      .map(asText("?")),
    ...headers.filter(([name]) => !CREDENTIAL.test(name) && !ABOUT_THE_CALLER.test(name)).map(asText(":")),
  ];
  // Hashed, because a scope is stored, and these values may be private.
  return pairs.length === 0 ? address : `${address} ${fingerprint(pairs.toSorted().join("\n"))}`;
}

const asText =
  (kind: string) =>
  ([name, value]: Pair): string =>
    JSON.stringify([kind, name, value]);

/** The query that the client adds to every request. A subclass may override the method. */
function queryOf(client: ClientMembers): Pair[] {
  const query = typeof client.defaultQuery === "function" ? client.defaultQuery() : client._options?.defaultQuery;
  return Object.entries(query ?? {}).flatMap(([name, value]): Pair[] =>
    value === undefined
      ? []
      : [[name, typeof value === "string" ? value : value === null ? "" : JSON.stringify(value)]],
  );
}

/** Default headers in any form that the SDK takes, by lower-case name. Null removes a header, and undefined means none. */
function headersOf(headers: unknown): Pair[] {
  return entriesOf(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined && one !== null)
      .map((one): Pair => [String(name).toLowerCase(), String(one)]),
  );
}

function entriesOf(headers: unknown): Array<readonly unknown[]> {
  if (typeof headers !== "object" || headers === null) return [];
  const { values } = headers as { values?: unknown };
  if (values instanceof Headers) return [...values]; // As the SDK keeps them.
  return Symbol.iterator in headers ? [...(headers as Iterable<readonly unknown[]>)] : Object.entries(headers);
}
