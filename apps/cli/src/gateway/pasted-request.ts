import { UsageError } from "../flags/usage-error.ts";
import { pastedText } from "../requests/found-request.ts";
import type { HttpRequest } from "../requests/http-request.ts";

/** An address without a server. It stands for the gateway, which knows the servers of its paths. */
const AT_GATEWAY = "http://gateway.invalid";

/**
 * Reads a request that a tenant has pasted, as it is sent to a gateway. Tenants must not be able to read files of this machine.
 * @throws {UsageError} for a text that is not a request
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
