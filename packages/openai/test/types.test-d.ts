// Must compile. Nothing here runs; `tsc` is the test.
import type { Client } from "@remem/core";
import type { OpenAI } from "openai";

declare const client: Client;
declare const messages: OpenAI.ChatCompletionMessageParam[];
declare const answer: OpenAI.ChatCompletion;

// Messages of the `openai` package, including its answers, are accepted as they are.
client.infer(messages);
client.infer([...messages, answer.choices[0]!.message, { role: "user", content: "Go on." }]);
client.batchInfer([messages], { temperature: 0 });
client.has(messages);

// Requests of the `openai` package can be streamed, and the chunks be given to code that takes OpenAI's.
declare function show(chunk: OpenAI.ChatCompletionChunk): void;
declare function showAll(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>): void;
declare const streamed: OpenAI.ChatCompletionCreateParamsStreaming;
showAll(client.stream(messages, { stream: true, stream_options: { include_usage: true } }));
showAll(client.stream({ messages, temperature: 0 }, { replay: { chunkMs: 20 } }));
client.stream(streamed);
for await (const chunk of client.stream("Hi")) {
  show(chunk);
  const text: string = chunk.choices[0]?.delta.content ?? "";
  void text;
}
// @ts-expect-error an answer in one piece has no stream
client.infer(messages, { stream: true });
// @ts-expect-error of `infer` alone
client.stream(messages, {}, { schema: {} });
