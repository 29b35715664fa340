import { type ChatCompletion, type ChatRequest, type LLMProvider, ProviderError, RememError } from "@remem/core";
import { promptTokens, tokensOf } from "./server/tokens.ts";

export interface FakeProvider extends LLMProvider {
  /** The requests in the order they came, also those that got no answer. */
  readonly calls: readonly ChatRequest[];
}

type Answer = (request: ChatRequest) => string | Promise<string>;

const id = "fake";

/**
 * A provider without a model: it answers every call with one text; or with those of a list, one after the other, and then
 * with an error; or with what a function gives or throws.
 */
export function fakeProvider(answers: string | readonly string[] | Answer): FakeProvider {
  const answer = answerFrom(answers);
  const calls: ChatRequest[] = [];
  return {
    specVersion: 1,
    id,
    calls,
    async generate(request, { signal }) {
      signal.throwIfAborted();
      const number = calls.push(request);
      return completion(`fake-${number}`, request, await orAborted(answer(request), signal));
    },
  };
}

function answerFrom(answers: string | readonly string[] | Answer): Answer {
  if (typeof answers === "string") return () => answers;
  if (typeof answers === "function") return answers;
  if (!Array.isArray(answers)) {
    throw new RememError("INVALID_OPTION", "fakeProvider: `answers` must be a text, a list of texts or a function.");
  }
  const list: readonly string[] = [...answers];
  let used = 0;
  return () => {
    const answer = list[used++];
    if (answer !== undefined) return answer;
    throw new ProviderError(`The list of answers is used up: it has ${list.length}, and this is call ${used}.`, {
      provider: id,
    });
  };
}

function completion(id: string, request: ChatRequest, content: string): ChatCompletion {
  const prompt = promptTokens(request);
  const answer = tokensOf(content).length;
  return {
    id,
    object: "chat.completion",
    created: Date.UTC(2025, 0) / 1000,
    model: request.model,
    choices: [
      { index: 0, message: { role: "assistant", content, refusal: null }, logprobs: null, finish_reason: "stop" },
    ],
    usage: { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer },
  };
}

async function orAborted<T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([aborted.promise, work]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
