import { UsageError } from "../flags/usage-error.ts";
import { pastedText } from "../requests/found-request.ts";
import type { HttpRequest } from "../requests/http-request.ts";

/** An address of no server: what is at it is at the gateway, which knows where its paths lead. */
const AT_GATEWAY = "http://gateway.invalid";

/**
 * Reads a request that a tenant has pasted, as it is sent to a gateway. A tenant may be anybody, and must not have files of this machine read.
 * @throws {UsageError} for a text that is no request
 */
export async function pastedRequest(text: string): Promise<HttpRequest> {
  const { http, line } = await pastedText(text, AT_GATEWAY, noFile);
  if (http !== undefined) return http;
  if (line!.problem !== undefined) throw new UsageError(line!.problem);
  const headers = new Headers({ "content-type": "application/json" });
  return {
    url: `${AT_GATEWAY}/v1/chat/completions`,
    method: "POST",
    headers,
    body: JSON.stringify(line!.item),
  };
}

function noFile(): never {
  throw new UsageError(
    "The curl command reads a file of your machine: replace @ and its name by the text of the file.",
  );
}
