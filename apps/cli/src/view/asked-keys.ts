import type { AskedRequest } from "@remem/inspect";
import { createRemem, memoryStore } from "remem";
import { serverOf } from "../flags/client-flags.ts";
import { UsageError } from "../flags/usage-error.ts";
import { keysOfHttp, pastedText } from "../requests/found-request.ts";

/**
 * Makes the keys of a pasted request as this command and, for HTTP, `cachedFetch` do. `config` is the configuration file that completes it.
 * @throws {UsageError} for a text that is not a request
 */
export async function askedKeys(text: string, config: string | false | undefined): Promise<readonly AskedRequest[]> {
  const { http, line } = await pastedText(text, serverOf({}));
  if (http !== undefined) return keysOfHttp(http);
  if (line!.problem !== undefined) throw new UsageError(line!.problem);
  await using client = createRemem({ store: memoryStore(), config, journal: false, cache: "only-if-cached" });
  return [client.keyOf(line!.item)];
}
