import type { Call } from "../contracts/call.ts";
import type { ChatCompletion, ChatRequest } from "./chat-completion.ts";
import type { LLMProvider } from "./provider.ts";

/** The line of a Batch file for a call, even if the provider has no Batch API. */
export function batchLineOf(
  { deferred }: Pick<LLMProvider, "deferred">,
  { key, request }: Pick<Call<ChatRequest, ChatCompletion>, "key" | "request">,
): string {
  if (deferred !== undefined) return deferred.line(key, request);
  return JSON.stringify({ custom_id: key, method: "POST", url: "/v1/chat/completions", body: request });
}
