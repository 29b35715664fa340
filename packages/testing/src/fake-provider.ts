import {
  type ChatCompletion,
  type ChatRequest,
  chatChunks,
  type GenerateContext,
  type LLMProvider,
  ProviderError,
  RememError,
  raceSignal,
} from "@remem/core/plugin";
import { promptTokens, tokensOf } from "./server/tokens.ts";

/** A provider in memory that records its calls. */
export interface FakeProvider extends LLMProvider {
  /** The requests in order of arrival, including those that got no answer. */
  readonly calls: readonly ChatRequest[];
}

type Answer = (request: ChatRequest) => string | Promise<string>;

const id = "fake";

/**
 * Creates a provider without a model. A string answers every call. A list answers the calls in turn, and then rejects. A
 * function answers with what it returns or throws. A stream gives the same answers word by word.
 */
export function fakeProvider(answers: string | readonly string[] | Answer): FakeProvider {
  const answer = answerFrom(answers);
  const calls: ChatRequest[] = [];
  async function generate(request: ChatRequest, { signal }: GenerateContext): Promise<ChatCompletion> {
    signal.throwIfAborted();
    const number = calls.push(request);
    const answering = (async () => answer(request))();
    return completion(`fake-${number}`, request, await raceSignal(answering, signal));
  }
  return {
    specVersion: 1,
    id,
    calls,
    generate,
    async *stream(request, context) {
      for (const chunk of chatChunks(await generate(request, context), { byWord: true })) {
        context.signal.throwIfAborted();
        yield chunk;
      }
    },
  };
}

function answerFrom(answers: string | readonly string[] | Answer): Answer {
  if (typeof answers === "string") return () => answers;
  if (typeof answers === "function") return answers;
  if (!Array.isArray(answers)) {
    throw new RememError(
      "INVALID_OPTION",
      "fakeProvider: `answers` must be a string, a list of strings or a function.",
    );
  }
  const list: readonly string[] = [...answers];
  let used = 0;
  return () => {
    const answer = list[used++];
    if (answer !== undefined) return answer;
    throw new ProviderError(`The list of ${list.length} answers is exhausted: this is call ${used}.`, {
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
