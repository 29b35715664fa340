import { createAnthropic } from "@ai-sdk/anthropic";
import Anthropic from "@anthropic-ai/sdk";
import { ChatAnthropic } from "@langchain/anthropic";
import { concat } from "@langchain/core/utils/stream";
import { memoryStore } from "@remem/core";
import Anthropic0 from "anthropic-sdk-0";
import { expect, test } from "vitest";
import { cachedFetch } from "../../src/index.ts";
import { type GoldenStream, streamsOf } from "../golden.ts";
import { replayServer } from "../surfaces/replay-server.ts";
import { aiSdk, type Client, collect, langchain, PROMPT, parameters, testClients } from "./clients.ts";

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

testClients({
  "@anthropic-ai/sdk 1": (fetch, baseURL) => anthropic(new Anthropic({ fetch, baseURL, apiKey: "k", maxRetries: 0 })),
  "@anthropic-ai/sdk 0": (fetch, baseURL) =>
    anthropic(new Anthropic0({ fetch, baseURL, apiKey: "k", maxRetries: 0 }) as unknown as Anthropic),
  "@ai-sdk/anthropic": (fetch, origin) =>
    aiSdk(createAnthropic({ fetch, baseURL: `${origin}/v1`, apiKey: "k" })(model)),
  "@langchain/anthropic": (fetch, anthropicApiUrl) =>
    langchain(new ChatAnthropic({ model, apiKey: "k", maxRetries: 0, anthropicApiUrl, clientOptions: { fetch } }), {
      hasStructuredStream: false,
    }),
});

test("LangChain counts the tokens of a stream and of its replay alike", async () => {
  const [{ raw }] = streamsOf("messages") as [GoldenStream];
  await using server = await replayServer("text/event-stream", raw);
  await using fetch = cachedFetch({ store: memoryStore() });
  const clientOptions = { fetch: fetch as typeof globalThis.fetch };
  const chat = new ChatAnthropic({ model, apiKey: "k", maxRetries: 0, anthropicApiUrl: server.url, clientOptions });
  for (const hits of [0, 1]) {
    const chunks = await collect(await chat.stream(PROMPT));
    expect(chunks.reduce((all, chunk) => concat(all, chunk)).usage_metadata).toMatchObject({ output_tokens: 15 });
    expect(fetch.stats().hits).toBe(hits);
  }
});
