import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOllama } from "@langchain/ollama";
import { memoryStore } from "@remem/core";
import { type ChatResponse, Ollama } from "ollama";
import { expect, test } from "vitest";
import { cachedFetch } from "../../src/index.ts";
import { streamsOf } from "../golden.ts";
import { collect, langchain, type OpenClient, PROMPT, parameters, schema, testClients } from "./clients.ts";

const request = { model: "qwen3:8b", messages: [{ role: "user", content: PROMPT }] };
const tools = [{ type: "function", function: { name: "river", description: "River of a city", parameters } }];

const ollama: OpenClient = (fetch, host) => {
  const client = new Ollama({ fetch, host });
  const forms = (asked: typeof request & { tools?: typeof tools; format?: object }) => ({
    whole: () => client.chat({ ...asked, stream: false }),
    stream: async () => added(await collect(await client.chat({ ...asked, stream: true }))),
  });
  return {
    text: forms(request),
    tools: forms({ ...request, tools }),
    structured: forms({ ...request, format: parameters }),
  };
};

/** What the lines of a stream say together. */
function added(lines: readonly ChatResponse[]): unknown {
  const { message: _, ...last } = lines.at(-1)!;
  return {
    ...last,
    content: lines.map(({ message }) => message.content).join(""),
    calls: lines.flatMap(({ message }) => message.tool_calls ?? []),
  };
}

testClients({
  ollama,
  "@langchain/ollama": (fetch, baseUrl) => langchain(new ChatOllama({ model: "qwen3:8b", fetch, baseUrl })),
});

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
