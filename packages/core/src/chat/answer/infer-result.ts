import type { AnswerSource, Call, Outcome } from "../../contracts/call.ts";
import type { RememError } from "../../errors/errors.ts";
import type { ChatCompletion, ChatMessage, ChatRequest } from "../chat-completion.ts";
import { reasoningOf, textOf } from "../servers/message-text.ts";
import { isJsonMode } from "./admit.ts";
import { withoutFence } from "./json-fence.ts";
import type { ResultCompletion } from "./result-completion.ts";
import { tokensOf } from "./usage.ts";

/** A plain object. Changing it never affects the cache or another caller. */
export interface InferResult<Output = unknown> {
  /**
   * Left out of every answer: `if (result.error)`, `"error" in result` and `isAnswer(result)` tell a failure from an answer.
   * (TypeScript narrows to an answer where `"error" in result` is false. Where it is true, read `result.error?.code`.)
   */
  error?: undefined;
  /**
   * The text of choice 0: its content, or the text parts of its content. In JSON mode it has no code fence. It is "" if the
   * model gave no text; `completion` tells null from empty.
   */
  response: string;
  /** The messages that were sent, the tokens that the answer cost, and the reason why it ended. */
  metadata: InferMetadata;
  /** True if the call cost nothing: the store had the answer, or the call joined one that another caller pays for. */
  cacheHit: boolean;
  /** Where the answer came from. `"flight"`: the caller joined an identical call that was running for another caller. */
  source: AnswerSource;
  /** The request's key: SHA-256, in hex. See `cacheKey`. */
  key: string;
  /**
   * The answer as validated by the option `schema`. `undefined` without a schema, or if the model calls tools instead of
   * answering.
   */
  object: Output;
  /** The whole answer as the server sent it. */
  completion: ResultCompletion;
}

/** The result of a failed item. */
export interface InferFailure {
  /** The reason of the failure. */
  error: RememError;
  /** Left out if the request was invalid and so has no key. */
  key?: string;
  /** A failure is never a hit. */
  cacheHit: false;
}

/** Whether a result of a batch is an answer: `results.filter(isAnswer)`. */
export function isAnswer<Output>(result: InferResult<Output> | InferFailure): result is InferResult<Output> {
  return result.error === undefined;
}

/** The messages that were sent, the tokens that the answer cost, and the reason why it ended. */
export interface InferMetadata {
  /** The messages as they were sent. */
  prompt: ChatMessage[];
  /** The text as the model gave it (JSON fences kept). */
  response: string;
  /** The tokens of the request when the answer was paid for; 0 if the server reported no usage. */
  prompt_tokens: number;
  /** The tokens of the answer, including its reasoning. */
  completion_tokens: number;
  /** The reason why the model stopped, in the server's words; "" if it gives none. */
  finish_reason: string;
  /** The reasoning before the answer, if the server reports it. */
  reasoning?: string;
}

export function toResult(
  { request, key }: Call<ChatRequest, ChatCompletion>,
  { answer: completion, source }: Outcome<ChatCompletion>,
): InferResult {
  const { message, finish_reason } = completion.choices[0]!;
  const text = textOf(message.content);
  const reasoning = reasoningOf(message);
  const tokens = tokensOf(completion);
  const result: Omit<InferResult, "object"> = {
    response: isJsonMode(request) ? withoutFence(text) : text,
    metadata: {
      prompt: request.messages as ChatMessage[],
      response: text,
      prompt_tokens: tokens.prompt,
      completion_tokens: tokens.completion,
      finish_reason: finish_reason ?? "", // Some servers leave it out.
      ...(reasoning !== undefined && { reasoning }),
    },
    cacheHit: source !== "provider",
    source,
    key,
    completion: completion as ResultCompletion,
  };
  return result as InferResult; // Without a schema there is no object.
}
