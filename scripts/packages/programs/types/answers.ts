// Answers go where those of the `openai` package go, and belong to the caller.
import type OpenAI from "openai";
import { type Client, type InferFailure, type InferResult, isAnswer, RememError } from "remem";

declare const client: Client;

export async function toolLoop(messages: OpenAI.ChatCompletionMessageParam[], tools: OpenAI.ChatCompletionTool[]) {
  const { completion } = await client.infer(messages, { tools });
  const theirs: OpenAI.ChatCompletion = completion;
  const choice = completion.choices[0];
  if (choice === undefined) return theirs.usage;
  messages.push(choice.message);
  for (const call of choice.message.tool_calls ?? []) {
    if (call.type !== "function") continue;
    const { city }: { city: string } = JSON.parse(call.function.arguments);
    messages.push({ role: "tool", tool_call_id: call.id, content: `sunny in ${city}` });
  }
  const param: OpenAI.ChatCompletionMessageParam = choice.message;
  const message: OpenAI.ChatCompletionMessage = choice.message;
  const usage: OpenAI.CompletionUsage | undefined = completion.usage;
  await client.infer([...messages, choice.message, param, message, { role: "user", content: "And?" }], { tools });
  return usage?.total_tokens;
}

// What is yours to change is not read-only.
export async function change() {
  const result = await client.infer("Hi");
  result.response = result.response.trim();
  result.metadata.prompt_tokens += 1;
  result.metadata.prompt.push({ role: "assistant", content: result.response });
  result.completion.choices.sort((a, b) => a.index - b.index);
  const first = result.completion.choices[0];
  if (first !== undefined) first.message.content = "";
  const reasoning: unknown = first?.message.reasoning_content;
  const probability: number | undefined = first?.logprobs?.content?.[0]?.logprob;
  return [result, reasoning, probability];
}

// Results are told apart.
export async function tellApart() {
  const results = await client.batchInfer(["a", "b"]);
  const texts: string[] = results.filter(isAnswer).map((result) => result.response);
  for (const result of results) {
    if (result.error) {
      const code: string = result.error.code;
      const failure: InferFailure = result;
      texts.push(code, failure.error.message);
    } else {
      const answer: InferResult = result;
      texts.push(result.response, answer.key);
    }
    if ("error" in result) {
      texts.push(result.error?.code ?? "");
    } else {
      texts.push(result.response);
    }
    if (!("error" in result)) texts.push(result.completion.id);
  }
  for await (const result of client.inferEach(["a"])) if (isAnswer(result)) texts.push(result.response);
  results.sort();
  return texts;
}

export function code(error: unknown): string | undefined {
  return RememError.is(error) ? error.code : undefined;
}
