import { ChatOllama } from "@langchain/ollama";
import { type ChatResponse, Ollama } from "ollama";
import { collect, langchain, type OpenClient, PROMPT, parameters } from "./clients.ts";

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

export const ollamaClients: Readonly<Record<string, OpenClient>> = {
  ollama,
  "@langchain/ollama": (fetch, baseUrl) => langchain(new ChatOllama({ model: "qwen3:8b", fetch, baseUrl })),
};
