import { type Call, createCall, InvalidRequestError, type JsonObject } from "@remem/core";
import type { DeferredCallOptions } from "@remem/core/plugin";
import { scopeIn, withAdmit } from "../answers/cache.ts";
import { fetchedRequest } from "../request/fetched.ts";
import { keyedHeaders } from "../surfaces/keyed-headers.ts";
import { type Message, messagesSurface } from "../surfaces/messages.ts";
import { HEADERS } from "./batches-api.ts";
import type { MessageBatchesOptions } from "./options.ts";

/**
 * A request as a program would send it: the body of a `POST /v1/messages`, the arguments of `fetch`, or a `Request`. A flag for
 * streaming makes no difference.
 */
export type MessageRequest = Request | FetchArguments | object;

/** The arguments of `fetch`. */
export interface FetchArguments {
  /** The address of the server's messages. */
  readonly url: string | URL;
  /** Method, headers and body. */
  readonly init: RequestInit;
}

interface Preparing {
  /** The address of messages. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly options: MessageBatchesOptions;
}

/**
 * Makes the call that `cachedFetch` would make of a request.
 * @throws {InvalidRequestError} for a request that cannot be in a batch
 */
export async function prepareMessage(
  { url, headers, options }: Preparing,
  item: MessageRequest,
  own: DeferredCallOptions,
): Promise<Call<JsonObject, Message>> {
  const { url: address, init } = argumentsOf(item, url, headers);
  const fetched = await fetchedRequest(address, init, (at) =>
    messagesSurface.matches(at) ? messagesSurface : undefined,
  );
  if (fetched === undefined) throw new InvalidRequestError("", `must be a POST of a JSON object to ${url.href}.`);
  if (fetched.url.origin !== url.origin || fetched.url.pathname !== url.pathname)
    throw new InvalidRequestError("", `is for another server, ${fetched.url.host}: this job uses ${url.href}.`);
  const { body, control } = fetched;
  if (control.mode !== undefined && control.mode !== "default")
    throw new InvalidRequestError("", "has a `Cache-Control`, which a batch does not support.");
  const { surface } = messagesSurface;
  surface.check(body);
  const found = messagesSurface.find(fetched);
  if ("passes" in found) throw new InvalidRequestError("", `cannot be cached (${found.passes}): send it directly.`);
  const { sample = control.sample ?? options.sample, ttlMs = options.ttlMs } = own;
  const call = createCall(withAdmit(surface, options.admit), found.request, {
    sample,
    ttlMs,
    scope: scopeIn(options.scope, found),
    provider: url.host,
    ask: nobody,
  });
  const { stream: _, ...params } = body;
  return { ...call, request: { ...params, ...keyedHeaders(fetched.headers, HEADERS) } };
}

function argumentsOf(
  item: MessageRequest,
  url: URL,
  headers: Readonly<Record<string, string>>,
): { readonly url: string | URL | Request; readonly init: RequestInit | undefined } {
  if (item instanceof Request) return { url: item, init: undefined };
  if (typeof item !== "object" || item === null) throw new InvalidRequestError("", "must be an object, or a Request.");
  if ("url" in item && "init" in item)
    return { url: (item as FetchArguments).url, init: (item as FetchArguments).init };
  return { url, init: { method: "POST", headers, body: JSON.stringify(item) } };
}

/** The answers come from batches, so nothing calls this. */
const nobody = async (): Promise<never> => {
  throw new Error("A batch has no direct calls.");
};
