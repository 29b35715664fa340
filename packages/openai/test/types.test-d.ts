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
