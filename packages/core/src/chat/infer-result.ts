import { isJsonMode } from "./admit.ts";
import type { ChatCompletion, ChatMessage, ChatRequest } from "./chat-completion.ts";
import { withoutFence } from "./json-fence.ts";

/** Plain data, the caller's own: changing it changes nothing else. */
export interface InferResult {
  /** Text of choice 0, without its fence in JSON mode; "" where the model gave no text (`completion` tells null from empty). */
  readonly response: string;
  readonly metadata: InferMetadata;
  /** True when nothing was paid for this call: read from the store, or joined to a call that another caller pays. */
  readonly cacheHit: boolean;
  /** Where the answer came from: `"flight"` is a call that was already running for somebody else. */
  readonly source: AnswerSource;
  readonly key: string;
  /** The whole answer as it came. */
  readonly completion: ChatCompletion;
}

export type AnswerSource = "store" | "flight" | "provider";

export interface InferMetadata {
  readonly prompt: readonly ChatMessage[];
  /** The text as the model gave it (JSON fences kept). */
  readonly response: string;
  /** What the answer cost when it was paid for; 0 where the server did not say. */
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly finish_reason: string;
  /** What the model thought before it answered, where the server tells. */
  readonly reasoning?: string;
}

/** Whether this has the shape that everything after relies on: at least one choice, each with a message. */
export function isCompletion(value: unknown): value is ChatCompletion {
  const { choices } = (value ?? {}) as { choices?: unknown };
  return (
    Array.isArray(choices) &&
    choices.length > 0 &&
    choices.every((choice) => typeof choice?.message === "object" && choice.message !== null)
  );
}

export function toResult(
  completion: ChatCompletion,
  request: ChatRequest,
  { key, source }: { readonly key: string; readonly source: AnswerSource },
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
