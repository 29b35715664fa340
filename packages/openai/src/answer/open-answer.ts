import { isBuffered } from "../body/read-text.ts";
import type { Answer } from "../client/chat-client.ts";

/** An answer whose body has yet to be read, or what the SDK has made of it. */
export type OpenAnswer = { readonly response: Response } | { readonly value: unknown; readonly status: number };

/**
 * The response of an answer. Where somebody else, such as an instrumentation, reads its body, and where there is none: what the
 * SDK gives, which has parsed it or taken it for text.
 */
export async function openAnswer(answer: Answer): Promise<OpenAnswer> {
  const response = typeof answer.asResponse === "function" ? await answer.asResponse() : undefined;
  if (response !== undefined && (isBuffered(response) || !(response.bodyUsed || response.body?.locked))) {
    return { response };
  }
  return { value: await answer, status: response?.status ?? 200 };
}
