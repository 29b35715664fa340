import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOllama } from "@langchain/ollama";
import { memoryStore } from "@remem/core";
import { expect, test } from "vitest";
import { cachedFetch } from "../../src/index.ts";
import { streamsOf } from "../golden/rows.ts";
import { PROMPT, schema, testClients } from "./clients.ts";
import { ollamaClients } from "./ollama-clients.ts";

testClients(ollamaClients);

test("a loop of calls hits throughout, although LangChain makes up their ids", async () => {
  let calls = 0;
  await using fetch = cachedFetch({
    store: memoryStore(),
    async fetch(_, init) {
      calls += 1;
      const name = String(init?.body).includes('"role":"tool"') ? "text" : "tools";
      return new Response(streamsOf("ollama").find(({ id }) => id === `ollama/${name}`)!.raw);
    },
  });
  const chat = new ChatOllama({ model: "qwen3:8b", fetch: fetch as typeof globalThis.fetch });
  const calling = chat.bindTools([{ name: "river", description: "River of a city", schema }]);
  for (let turn = 0; turn < 2; turn++) {
    const asked = [new HumanMessage(PROMPT)];
    const step = await calling.invoke(asked);
    const results = step.tool_calls!.map(({ id }) => new ToolMessage({ content: "Vistula", tool_call_id: id! }));
    expect((await calling.invoke([...asked, step, ...results])).content).toMatch("Vistula");
    expect(calls).toBe(2);
  }
});
