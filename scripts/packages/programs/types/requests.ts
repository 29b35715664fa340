// The requests that users of the `openai` package have, without a cast.
import type OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { type Client, createRemem, type InferRequest } from "remem";
import { z } from "zod";

declare const client: Client;
declare const messages: OpenAI.ChatCompletionMessageParam[];
declare const tools: OpenAI.ChatCompletionTool[];
declare const functionTools: OpenAI.ChatCompletionFunctionTool[];
declare const toolChoice: OpenAI.ChatCompletionToolChoiceOption;
declare const whole: OpenAI.ChatCompletionCreateParamsNonStreaming;
declare const base: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "messages">;
declare const base2: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, "messages" | "stream">;
declare const streaming: OpenAI.ChatCompletionCreateParamsStreaming;

const Person = z.object({ name: z.string(), age: z.number() });
const tool: OpenAI.ChatCompletionTool = {
  type: "function",
  function: {
    name: "weather",
    description: "Tells the weather.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    strict: true,
  },
};

// As messages and parameters.
client.infer(messages);
client.infer(messages, { tools, tool_choice: toolChoice, parallel_tool_calls: false });
client.infer(messages, { tools: functionTools, tool_choice: { type: "function", function: { name: "weather" } } });
client.infer(messages, { tools: [tool, { type: "function", function: { name: "time" } }], tool_choice: "auto" });
client.infer(messages, { response_format: zodResponseFormat(Person, "person") });
client.infer(messages, {
  response_format: {
    type: "json_schema",
    json_schema: { name: "person", schema: z.toJSONSchema(Person), strict: true },
  },
});
client.infer(messages, { response_format: { type: "json_object" }, logit_bias: { 50256: -100 }, stop: ["END"] });
client.infer(messages, base);
client.infer([
  { role: "system", content: "Be brief." },
  {
    role: "user",
    content: [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: "data:," } },
    ],
  },
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }],
  },
  { role: "tool", tool_call_id: "1", content: "sunny" },
]);

// As one object.
client.infer(whole);
client.infer({ ...whole, temperature: 0 }, { sample: 1 });
client.infer({ messages, tools, ...base2 });
client.infer({ messages, model: "gpt-4o-mini", reasoning_effort: "low", verbosity: "low" });
client.has(whole);
client.delete(messages, { tools });

// In batches.
client.batchInfer([messages, messages], { tools });
client.batchInfer([whole, { messages, response_format: zodResponseFormat(Person, "person") }, "Hi"]);
client.inferEach([whole]);
client.inferEach([messages]);
async function* source(): AsyncGenerator<OpenAI.ChatCompletionCreateParamsNonStreaming> {
  yield whole;
}
client.inferEach(source());

// As what a client always sends.
createRemem({ params: base });
createRemem({ model: "gpt-4o", params: { tools, response_format: zodResponseFormat(Person, "person") } });

// Interfaces of one's own have no index signature.
interface OwnMessage {
  role: "system" | "user" | "assistant";
  content: string;
  /** For one's own bookkeeping. */
  id?: number;
}
interface OwnRequest {
  model: string;
  messages: OwnMessage[];
  temperature?: number | undefined;
  top_k: number;
  my_server_has_this: { deep: boolean };
}
declare const own: OwnRequest;
declare const ownMessages: readonly OwnMessage[];
client.infer(own);
client.infer(ownMessages, { seed: 1 });
client.batchInfer([own, ownMessages]);
const request: InferRequest = own;
client.infer(request);

// Parameters of other servers.
client.infer(messages, { top_k: 20, min_p: 0.1, repetition_penalty: 1.1, enable_thinking: true, thinking_budget: 100 });
client.infer(messages, { chat_template_kwargs: { enable_thinking: false }, provider: { order: ["x"] } });
client.infer(messages, { extra_body: { my_server_has_this: 1 } });

// Misspelt known names, wrong values, and streams do not compile.
// @ts-expect-error misspelt
client.infer(messages, { temprature: 0 });
// @ts-expect-error misspelt
client.infer({ messages, max_token: 5 });
// @ts-expect-error in another style
client.infer(messages, { maxTokens: 5 });
// @ts-expect-error misspelt
client.infer([{ role: "user", contnet: "Hi" }]);
// @ts-expect-error misspelt
client.infer({ mesages: "Hi" });
// @ts-expect-error misspelt
client.batchInfer(["Hi"], { tool_choise: "auto" });
// @ts-expect-error misspelt
client.batchInfer([{ messages: "Hi", sed: 1 }]);
// @ts-expect-error misspelt
client.inferEach([{ messages: "Hi", modle: "m" }]);
// @ts-expect-error misspelt
createRemem({ params: { tempature: 0 } });
// @ts-expect-error misspelt
createRemem({ modle: "m" });
// @ts-expect-error misspelt
client.infer(messages, {}, { timeout: 1 });
// @ts-expect-error an option among the parameters
client.infer(messages, { timeoutMs: 1 });
// @ts-expect-error a temperature is a number
client.infer(messages, { temperature: "hot" });
// @ts-expect-error a format has a type
client.infer(messages, { response_format: {} });
// @ts-expect-error nobody has this role
client.infer([{ role: "robot", content: "Hi" }]);
// @ts-expect-error answers are given whole
client.infer(streaming);
