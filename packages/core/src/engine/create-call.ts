import type { Call, CallOptions } from "../contracts/call.ts";
import type { Surface } from "../contracts/surface.ts";
import type { JsonObject } from "../json/json-value.ts";
import { plainJson } from "../json/plain-json.ts";
import { surfaceKey } from "../key/cache-key.ts";

/**
 * Makes and keys a call. It copies the request, so that the call sends exactly what it has keyed.
 * @throws {InvalidRequestError} if the surface refuses the request, or it cannot be keyed
 */
export function createCall<Request extends object, Answer extends object>(
  surface: Surface<Request, Answer>,
  request: object,
  options: CallOptions<Request, Answer>,
): Call<Request, Answer> {
  const plain = plainJson(request) as JsonObject;
  surface.check(plain);
  const sent = plain as object as Request;
  const keyed = options.canonical?.(sent) ?? sent;
  const { mode = "default", ttlMs, isReadOnly = false, provider, ask, maxRequestBytes } = options;
  return {
    surface,
    key: surfaceKey(surface, keyed as JsonObject, options, maxRequestBytes),
    request: sent,
    keyed,
    keyOptions: options,
    mode,
    ttlMs,
    isReadOnly,
    provider,
    ask,
  };
}
