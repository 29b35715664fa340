import type { InferResult, Message, MessageResult } from "remem";
import { isObject, type Members } from "../json.ts";

/** A message as records and sums see an answer. */
export interface MessageAnswer extends InferResult {
  readonly message: Message;
}

export function messageAnswer(result: MessageResult): MessageAnswer {
  const { message, cacheHit, source, key } = result;
  const { model, stop_reason, content } = message as Members & Message;
  const text = content.map((block) => (block.type === "text" ? block.text : "")).join("");
  const calls = content.filter(({ type }) => type === "tool_use");
  const usage = usageOf(message);
  const response = text as string;
  return {
    message,
    response,
    metadata: {
      prompt: [],
      response,
      prompt_tokens: usage.prompt_tokens,
      completion_tokens: usage.completion_tokens,
      finish_reason: typeof stop_reason === "string" ? stop_reason : "",
    },
    cacheHit,
    source,
    key,
    object: undefined,
    completion: {
      model: model as string,
      choices: [{ message: { role: "assistant", content: response, ...(calls.length > 0 && { tool_calls: calls }) } }],
      usage,
    } as object as InferResult["completion"],
  };
}

/** Tokens that were read from the prompt cache, or written to it, are counted apart. */
function usageOf({ usage }: Message) {
  const { input_tokens, output_tokens, cache_creation_input_tokens, cache_read_input_tokens } = isObject(usage)
    ? usage
    : {};
  const cached = countOf(cache_read_input_tokens);
  return {
    prompt_tokens: countOf(input_tokens) + countOf(cache_creation_input_tokens) + cached,
    completion_tokens: countOf(output_tokens),
    prompt_tokens_details: { cached_tokens: cached },
  };
}

const countOf = (value: unknown): number => (typeof value === "number" && value > 0 ? value : 0);
