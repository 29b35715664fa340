import { InvalidRequestError } from "../../errors/errors.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { plainJson } from "../../json/plain-json.ts";

/** Arguments that `openai` for Python takes with the parameters, but does not send in the body. */
const PYTHON_ONLY = ["extra_headers", "extra_query"];

/**
 * Merges the members of `extra_body` over those of the request, as the `openai` package for Python does. Servers do not know a
 * member `extra_body`.
 * @throws {InvalidRequestError} if it is not an object, and for Python's other names
 */
export function withExtraBody<Request extends Readonly<Record<string, unknown>>>(request: Request): Request {
  for (const name of PYTHON_ONLY) {
    if (request[name] === undefined) continue;
    throw new InvalidRequestError(
      `/${name}`,
      "is not a request parameter. Instead, pass the provider an `openai` client with `defaultHeaders` or `defaultQuery`.",
    );
  }
  if (!("extra_body" in request)) return request;
  const { extra_body: given, ...rest } = request;
  if (given === undefined || given === null) return rest as unknown as Request;
  const { extra_body: extra } = plainJson({ extra_body: given }) as JsonObject;
  if (typeof extra !== "object" || Array.isArray(extra)) {
    throw new InvalidRequestError("/extra_body", "must be an object, whose members are sent beside the parameters.");
  }
  return { ...rest, ...extra } as unknown as Request;
}
