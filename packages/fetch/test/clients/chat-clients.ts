import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { HTTPClient, Mistral } from "@mistralai/mistralai";
import type { CompletionsServer } from "@remem/testing";
import { generateObject, generateText, jsonSchema, streamText, tool } from "ai";
import Groq from "groq-sdk";
import OpenAI7, { AzureOpenAI } from "openai";
import OpenAI6 from "openai-6";
import { z } from "zod";

type Fetch = typeof globalThis.fetch;

/** What one client is asked, in its own words: each returns what it gives its caller. */
interface Asked {
  text(): Promise<unknown>;
  stream(): Promise<unknown>;
  tools(): Promise<unknown>;
  structured?(): Promise<unknown>;
}

const model = "gpt-4o-mini";
const content = "What is the weather in Paris?";
const messages = [{ role: "user" as const, content }];
const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const tools = [{ type: "function" as const, function: { name: "weather", description: "d", parameters } }];
const schema = z.object({ city: z.string() });

function openai(client: OpenAI7): Asked {
  const json_schema = { name: "answer", strict: true, schema: parameters };
  return {
    text: () => client.chat.completions.create({ model, messages }),
    stream: async () => collect(await client.chat.completions.create({ model, messages, stream: true })),
    tools: () => client.chat.completions.create({ model, messages, tools, tool_choice: "required" }),
    structured: () =>
      client.chat.completions.parse({ model, messages, response_format: { type: "json_schema", json_schema } }),
  };
}

function aiSdk(chosen: Parameters<typeof generateText>[0]["model"]): Asked {
  const weather = tool({ description: "d", inputSchema: jsonSchema<{ city: string }>(parameters as never) });
  return {
    text: async () => plain(await generateText({ model: chosen, prompt: content })),
    async stream() {
      const result = streamText({ model: chosen, prompt: content });
      return {
        parts: (await collect(result.textStream)).join(""),
        ...plain({ text: await result.text, usage: await result.usage, finishReason: await result.finishReason }),
      };
    },
    tools: async () =>
      plain(
        await generateText({ model: chosen, prompt: content, tools: { weather }, toolChoice: "required" } as never),
      ),
    structured: async () => (await generateObject({ model: chosen, prompt: content, schema })).object,
  };
}

/** What a caller reads of the AI SDK's results, whose other members are instances with times in them. */
const plain = ({
  text,
  usage,
  finishReason,
  toolCalls,
}: {
  text?: string;
  usage?: unknown;
  finishReason?: unknown;
  toolCalls?: ReadonlyArray<{ toolName: string; input: unknown }>;
}) => ({
  text,
  usage,
  finishReason,
  toolCalls: toolCalls?.map(({ toolName, input }) => ({ toolName, input })),
});

export const chatClients: Readonly<
  Record<string, (fetch: Fetch, server: Pick<CompletionsServer, "baseURL">) => Asked>
> = {
  "openai 7": (fetch, { baseURL }) => openai(new OpenAI7({ fetch, baseURL, apiKey: "k" })),
  "openai 6": (fetch, { baseURL }) => openai(new OpenAI6({ fetch, baseURL, apiKey: "k" }) as never),
  "openai 7 for Azure": (fetch, { baseURL }) =>
    openai(
      new AzureOpenAI({
        fetch,
        endpoint: new URL(baseURL).origin,
        apiKey: "k",
        apiVersion: "2024-10-21",
        deployment: "d",
      }),
    ),
  "groq-sdk": (fetch, { baseURL }) =>
    openai(new Groq({ fetch, baseURL: baseURL.replace("/v1", ""), apiKey: "k" }) as never),
  "@ai-sdk/openai": (fetch, { baseURL }) => aiSdk(createOpenAI({ fetch, baseURL, apiKey: "k" }).chat(model)),
  "@ai-sdk/openai-compatible": (fetch, { baseURL }) =>
    aiSdk(createOpenAICompatible({ fetch, baseURL, apiKey: "k", name: "c", supportsStructuredOutputs: true })(model)),
  "@langchain/openai"(fetch, { baseURL }) {
    const chat = new ChatOpenAI({ model, apiKey: "k", maxRetries: 0, configuration: { fetch, baseURL } });
    return {
      text: async () => (await chat.invoke(content)).toDict(),
      stream: async () => (await collect(await chat.stream(content))).map(({ content }) => content).join(""),
      tools: async () => (await chat.bindTools(tools, { tool_choice: "required" }).invoke(content)).toDict(),
      structured: () => chat.withStructuredOutput(schema).invoke(content),
    };
  },
  "@mistralai/mistralai"(fetch, { baseURL }) {
    const httpClient = new HTTPClient({ fetcher: fetch as never });
    const client = new Mistral({ httpClient, serverURL: new URL(baseURL).origin, apiKey: "k" });
    return {
      text: () => client.chat.complete({ model, messages }),
      stream: async () => collect(await client.chat.stream({ model, messages })),
      tools: () => client.chat.complete({ model, messages, tools, toolChoice: "required" }),
    };
  },
};

async function collect<T>(chunks: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

/** The text of a streamed result, whatever client it is of. */
export function textIn(result: unknown): string {
  return (
    [...JSON.stringify(result).matchAll(/"(?:content|parts)":"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text).join("") ||
    String(result)
  );
}
