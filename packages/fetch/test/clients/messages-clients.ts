import { createAnthropic } from "@ai-sdk/anthropic";
import Anthropic from "@anthropic-ai/sdk";
import { ChatAnthropic } from "@langchain/anthropic";
import Anthropic0 from "anthropic-sdk-0";
import { aiSdk, type Client, langchain, type OpenClient, PROMPT, parameters } from "./clients.ts";

const model = "claude-sonnet-4-6";
const request = { model, max_tokens: 1024, messages: [{ role: "user" as const, content: PROMPT }] };
const tools = [{ name: "river", description: "River of a city", input_schema: parameters }];

function anthropic(client: Anthropic): Client {
  const forms = (asked: Omit<Anthropic.MessageCreateParamsNonStreaming, "stream">) => ({
    whole: async () => withId(await client.messages.create(asked)),
    async stream() {
      const stream = client.messages.stream(asked);
      let text = "";
      stream.on("text", (piece) => {
        text += piece;
      });
      return { text, message: withId(await stream.finalMessage()), ended: stream.ended };
    },
  });
  const output_config = { format: { type: "json_schema" as const, schema: parameters } };
  return {
    text: forms(request),
    tools: forms({ ...request, tools }),
    structured: {
      whole: async () => (await client.messages.parse({ ...request, output_config })).content,
      stream: async () => (await client.messages.stream({ ...request, output_config }).finalMessage()).content,
    },
  };
}

/** The id of the request is a member that no comparison sees. */
const withId = (message: Anthropic.Message & { _request_id?: string | null }) => ({
  ...message,
  requestId: message._request_id,
});

export const messagesClients: Readonly<Record<string, OpenClient>> = {
  "@anthropic-ai/sdk 1": (fetch, baseURL) => anthropic(new Anthropic({ fetch, baseURL, apiKey: "k", maxRetries: 0 })),
  "@anthropic-ai/sdk 0": (fetch, baseURL) =>
    anthropic(new Anthropic0({ fetch, baseURL, apiKey: "k", maxRetries: 0 }) as unknown as Anthropic),
  "@ai-sdk/anthropic": (fetch, origin) =>
    aiSdk(createAnthropic({ fetch, baseURL: `${origin}/v1`, apiKey: "k" })(model)),
  "@langchain/anthropic": (fetch, anthropicApiUrl) =>
    langchain(new ChatAnthropic({ model, apiKey: "k", maxRetries: 0, anthropicApiUrl, clientOptions: { fetch } }), {
      hasStructuredStream: false,
    }),
};
