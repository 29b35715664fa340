import type { ChatRequest } from "../chat-completion.ts";

const CHARACTERS_PER_TOKEN = 4;
/** The estimate for an answer that the request does not limit. */
const USUAL_COMPLETION = 256;

/** Estimates the tokens of a request and its answer, before the server counts them. */
export function estimateTokens({ messages, tools, n, max_completion_tokens, max_tokens }: ChatRequest): number {
  const text = JSON.stringify(tools === undefined ? messages : [messages, tools]);
  const completion = max_completion_tokens ?? max_tokens ?? USUAL_COMPLETION;
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN) + Math.max(1, completion) * (n ?? 1);
}
