import { isBuffered } from "../body/read-text.ts";
import type { Answer } from "../client/chat-client.ts";

/** An answer whose body is unread, or the value that the SDK has made of it. */
export type OpenAnswer = { readonly response: Response } | { readonly value: unknown; readonly status: number };

/**
 * The response of an answer. If other code, such as an instrumentation, reads its body, or if there is no response, it is the
 * SDK's value: parsed JSON or text.
 */
export async function openAnswer(answer: Answer): Promise<OpenAnswer> {
  const response = typeof answer.asResponse === "function" ? await answer.asResponse() : undefined;
  if (response !== undefined && (isBuffered(response) || !(response.bodyUsed || response.body?.locked))) {
    return { response };
  }
  return { value: await answer, status: response?.status ?? 200 };
}
