import { createAzure } from "@ai-sdk/azure";
import { createOpenAI } from "@ai-sdk/openai";
import { ChatOpenAI } from "@langchain/openai";
import { Agent, OpenAIProvider, Runner, tool } from "@openai/agents";
import OpenAI7, { AzureOpenAI } from "openai";
import OpenAI6 from "openai-6";
import { aiSdk, type Client, collect, langchain, type OpenClient, PROMPT, parameters, schema } from "./clients.ts";

const model = "gpt-5-mini";
const request = { model, input: PROMPT };

function openai({ responses }: OpenAI7): Client {
  const forms = (more: Omit<OpenAI7.Responses.ResponseCreateParamsNonStreaming, "stream">) => ({
    whole: async () => withId(await responses.create({ ...request, ...more })),
    stream: async () => added(await collect(await responses.create({ ...request, ...more, stream: true }))),
  });
  const format = { type: "json_schema" as const, name: "answer", strict: true, schema: parameters };
  return {
    text: forms({}),
    tools: forms({ tools: [{ type: "function", name: "river", strict: true, parameters }] }),
    structured: {
      whole: async () => (await responses.parse({ ...request, text: { format } })).output_parsed,
      stream: async () => (await responses.stream({ ...request, text: { format } }).finalResponse()).output_parsed,
    },
  };
}

/** The id of the request is a member that no comparison sees. */
const withId = (response: OpenAI7.Responses.Response & { _request_id?: string | null }) => ({
  ...response,
  requestId: response._request_id,
});

/** What the events of a stream say together. */
function added(events: readonly OpenAI7.Responses.ResponseStreamEvent[]): unknown {
  const deltas = events.map((event) => (event.type.endsWith(".delta") && "delta" in event ? event.delta : ""));
  const last = events.at(-1)!;
  const types = new Set(events.map(({ type }) => type));
  types.delete("response.in_progress"); // Some of the recorded streams lack it.
  return { said: deltas.join(""), types, response: "response" in last && last.response };
}

function agents(client: OpenAI7, useResponses: boolean): Client {
  const modelProvider = new OpenAIProvider({ openAIClient: client, useResponses });
  const runner = new Runner({ modelProvider, tracingDisabled: true });
  const river = tool({
    name: "river",
    description: "River of a city",
    parameters: schema,
    execute: ({ city }) => `${city}: Vistula`,
  });
  const forms = <Output extends "text" | typeof schema>(agent: Agent<unknown, Output>) => ({
    whole: async () => readable(await runner.run(agent, PROMPT)),
    async stream() {
      const result = await runner.run(agent, PROMPT, { stream: true });
      await collect(result);
      await result.completed;
      return readable(result);
    },
  });
  const config = { name: "guide", instructions: "Be brief.", model };
  return {
    text: forms(new Agent(config)),
    tools: forms(new Agent({ ...config, tools: [river] })),
    structured: forms(new Agent({ ...config, outputType: schema })),
  };
}

interface Run {
  readonly finalOutput?: unknown;
  readonly output: unknown;
  readonly rawResponses: unknown;
}

/** What a caller reads of a run. */
function readable({ finalOutput, output, rawResponses }: Run): unknown {
  return JSON.parse(JSON.stringify({ finalOutput, output, rawResponses }), (name, value) => {
    if (name === "requestId") return undefined; // The server of Chat Completions numbers its requests.
    // A whole answer of Chat Completions may have an empty list, which no stream has.
    return name === "annotations" && value.length === 0 ? undefined : value;
  });
}

export const responsesClients: Readonly<Record<string, OpenClient>> = {
  "openai 7": (fetch, origin) => openai(openai7(fetch, origin)),
  "openai 6": (fetch, origin) =>
    openai(new OpenAI6({ fetch, baseURL: `${origin}/v1`, apiKey: "k", maxRetries: 0 }) as unknown as OpenAI7),
  "openai 7 for Azure": (fetch, endpoint) =>
    openai(new AzureOpenAI({ fetch, endpoint, apiKey: "k", apiVersion: "2025-04-01-preview", maxRetries: 0 })),
  "@ai-sdk/openai": (fetch, origin) => aiSdk(createOpenAI({ fetch, baseURL: `${origin}/v1`, apiKey: "k" })(model)),
  "@ai-sdk/azure": (fetch, origin) => aiSdk(createAzure({ fetch, baseURL: `${origin}/openai`, apiKey: "k" })(model)),
  "@langchain/openai": (fetch, origin) =>
    langchain(
      new ChatOpenAI({
        model,
        apiKey: "k",
        maxRetries: 0,
        useResponsesApi: true,
        configuration: { fetch, baseURL: `${origin}/v1` },
      }),
      { hasStructuredStream: false },
    ),
  "@openai/agents": (fetch, origin) => agents(openai7(fetch, origin), true),
};

export const agentsByChat: OpenClient = (fetch, origin) => agents(openai7(fetch, origin), false);

function openai7(fetch: typeof globalThis.fetch, origin: string): OpenAI7 {
  return new OpenAI7({ fetch, baseURL: `${origin}/v1`, apiKey: "k", maxRetries: 0 });
}
