import type { AnswerSource, Call, Outcome } from "../contracts/call.ts";
import type { RememError } from "../errors/errors.ts";
import { isJsonMode } from "./admit.ts";
import type { ChatCompletion, ChatMessage, ChatRequest } from "./chat-completion.ts";
import { withoutFence } from "./json-fence.ts";

/** A plain object. Changing it never affects the cache or another caller. */
export interface InferResult {
  /** Left out of every answer: `if (result.error)` tells a failure from an answer. */
  readonly error?: undefined;
  /** Text of choice 0, without its fence in JSON mode; "" where the model gave no text (`completion` tells null from empty). */
  readonly response: string;
  readonly metadata: InferMetadata;
  /** True when nothing was paid for this call: it was read from the store, or joined a call that another caller pays for. */
  readonly cacheHit: boolean;
  /** Where the answer came from. `"flight"`: the caller joined an identical call that was running for another caller. */
  readonly source: AnswerSource;
  readonly key: string;
  /** The whole answer as it came. */
  readonly completion: ChatCompletion;
}

/** Stands in the place of an item that failed. */
export interface InferFailure {
  readonly error: RememError;
  /** Left out where the request was invalid, and so has none. */
  readonly key?: string;
  readonly cacheHit: false;
}

export interface InferMetadata {
  readonly prompt: readonly ChatMessage[];
  /** The text as the model gave it (JSON fences kept). */
  readonly response: string;
  /** What the answer cost when it was paid for; 0 where the server told no usage. */
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly finish_reason: string;
  /** The reasoning before the answer, where the server tells it. */
  readonly reasoning?: string;
}

export function toResult(
  { request, key }: Call<ChatRequest, ChatCompletion>,
  { answer: completion, source }: Outcome<ChatCompletion>,
): InferResult {
  const { message, finish_reason } = completion.choices[0]!;
  const text = typeof message.content === "string" ? message.content : "";
  const reasoning = message.reasoning_content ?? message.reasoning;
  return {
    response: isJsonMode(request) ? withoutFence(text) : text,
    metadata: {
      prompt: request.messages,
      response: text,
      prompt_tokens: completion.usage?.prompt_tokens ?? 0,
      completion_tokens: completion.usage?.completion_tokens ?? 0,
      finish_reason: finish_reason ?? "", // Some servers leave it out.
      ...(typeof reasoning === "string" && reasoning !== "" && { reasoning }),
    },
    cacheHit: source !== "provider",
    source,
    key,
    completion,
  };
}
