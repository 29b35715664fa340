import { ChatAnthropic } from "@langchain/anthropic";
import { concat } from "@langchain/core/utils/stream";
import { memoryStore } from "@remem/core";
import { expect, test } from "vitest";
import { cachedFetch } from "../../src/index.ts";
import { type GoldenStream, streamsOf } from "../golden/rows.ts";
import { replayServer } from "../surfaces/replay-server.ts";
import { collect, PROMPT, testClients } from "./clients.ts";
import { messagesClients } from "./messages-clients.ts";

const model = "claude-sonnet-4-6";

testClients(messagesClients);

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
