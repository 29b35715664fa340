// A program that could not use an answer asks again, and must not be given the same one. Each client has its way to say so.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { ChatAnthropic } from "@langchain/anthropic";
import { ChatGoogleGenerativeAI } from "@langchain/google-genai";
import { ChatOllama } from "@langchain/ollama";
import { ChatOpenAI } from "@langchain/openai";
import { HTTPClient, Mistral } from "@mistralai/mistralai";
import { Agent, OpenAIProvider, Runner } from "@openai/agents";
import { memoryStore } from "@remem/core";
import { completionsServer } from "@remem/testing";
import { generateObject, generateText, NoObjectGeneratedError, Output, streamText } from "ai";
import Groq from "groq-sdk";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { cachedFetch } from "../../src/index.ts";
import { PROMPT, schema } from "./clients.ts";
import { vendorServer } from "./vendor-server.ts";

type Fetch = typeof globalThis.fetch;
/** Asks the same twice, the second time for another answer. */
type Ask = (isAgain: boolean) => Promise<unknown>;

const originalFetch = globalThis.fetch;
const headers = { "cache-control": "no-cache" };
const messages = [{ role: "user" as const, content: PROMPT }];

/** The clients of Chat Completions, whose server answers in JSON where it is asked to. */
const CHAT: Readonly<Record<string, (fetch: Fetch, baseURL: string) => Ask>> = {
  "openai: create"(fetch, baseURL) {
    const client = new OpenAI({ fetch, baseURL, apiKey: "k" });
    return (isAgain) => client.chat.completions.create({ model: "m", messages }, isAgain ? { headers } : {});
  },
  "openai: stream"(fetch, baseURL) {
    const client = new OpenAI({ fetch, baseURL, apiKey: "k" });
    return (isAgain) =>
      client.chat.completions.stream({ model: "m", messages }, isAgain ? { headers } : {}).finalChatCompletion();
  },
  "openai: parse"(fetch, baseURL) {
    const client = new OpenAI({ fetch, baseURL, apiKey: "k" });
    const response_format = zodResponseFormat(schema, "answer");
    return (isAgain) =>
      client.chat.completions.parse({ model: "m", messages, response_format }, isAgain ? { headers } : {});
  },
  "groq-sdk"(fetch, baseURL) {
    const client = new Groq({ fetch, baseURL: baseURL.replace("/v1", ""), apiKey: "k" });
    return (isAgain) => client.chat.completions.create({ model: "m", messages }, isAgain ? { headers } : {});
  },
  "@ai-sdk/openai: generateText"(fetch, baseURL) {
    const model = createOpenAI({ fetch, baseURL, apiKey: "k" }).chat("m");
    return (isAgain) => generateText({ model, prompt: PROMPT, ...(isAgain && { headers }) });
  },
  "@ai-sdk/openai: generateObject"(fetch, baseURL) {
    const model = createOpenAI({ fetch, baseURL, apiKey: "k" }).chat("m");
    return (isAgain) => generateObject({ model, prompt: PROMPT, schema, ...(isAgain && { headers }) });
  },
  "@ai-sdk/openai: streamText with Output.object"(fetch, baseURL) {
    const model = createOpenAI({ fetch, baseURL, apiKey: "k" }).chat("m");
    const output = Output.object({ schema });
    return async (isAgain) => streamText({ model, prompt: PROMPT, output, ...(isAgain && { headers }) }).output;
  },
  "@langchain/openai"(fetch, baseURL) {
    const chat = new ChatOpenAI({ model: "m", apiKey: "k", configuration: { fetch, baseURL } });
    return (isAgain) => chat.invoke(PROMPT, isAgain ? { options: { headers } } : {});
  },
  "@langchain/openai: withStructuredOutput"(fetch, baseURL) {
    const chat = new ChatOpenAI({ model: "m", apiKey: "k", configuration: { fetch, baseURL } });
    const structured = chat.withStructuredOutput(schema);
    return (isAgain) => structured.invoke(PROMPT, (isAgain ? { options: { headers } } : {}) as object);
  },
  "@mistralai/mistralai"(fetch, baseURL) {
    const httpClient = new HTTPClient({ fetcher: fetch });
    const client = new Mistral({ httpClient, serverURL: new URL(baseURL).origin, apiKey: "k" });
    return (isAgain) => client.chat.complete({ model: "m", messages }, isAgain ? { headers } : {});
  },
  "@openai/agents by Chat Completions"(fetch, baseURL) {
    const runnerOf = (client: OpenAI) =>
      new Runner({
        modelProvider: new OpenAIProvider({ openAIClient: client, useResponses: false }),
        tracingDisabled: true,
      });
    const client = new OpenAI({ fetch, baseURL, apiKey: "k" });
    const agent = new Agent({ name: "guide", model: "m" });
    const [usual, again] = [runnerOf(client), runnerOf(client.withOptions({ defaultHeaders: headers }))];
    return (isAgain) => (isAgain ? again : usual).run(agent, PROMPT);
  },
};

const VENDORS: Readonly<Record<string, (fetch: Fetch, origin: string) => Ask>> = {
  "openai: responses"(fetch, origin) {
    const client = new OpenAI({ fetch, baseURL: `${origin}/v1`, apiKey: "k" });
    return (isAgain) => client.responses.create({ model: "m", input: PROMPT }, isAgain ? { headers } : {});
  },
  "@openai/agents"(fetch, origin) {
    const openAIClient = new OpenAI({ fetch, baseURL: `${origin}/v1`, apiKey: "k" });
    const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient }), tracingDisabled: true });
    const agent = new Agent({ name: "guide", model: "m" });
    const again = agent.clone({ modelSettings: { providerData: { extraHeaders: headers } } });
    return (isAgain) => runner.run(isAgain ? again : agent, PROMPT);
  },
  "@anthropic-ai/sdk"(fetch, baseURL) {
    const client = new Anthropic({ fetch, baseURL, apiKey: "k" });
    return (isAgain) => client.messages.parse({ model: "m", max_tokens: 99, messages }, isAgain ? { headers } : {});
  },
  "@anthropic-ai/sdk: stream"(fetch, baseURL) {
    const client = new Anthropic({ fetch, baseURL, apiKey: "k" });
    const asked = { model: "m", max_tokens: 99, messages };
    return (isAgain) => client.messages.stream(asked, isAgain ? { headers } : {}).finalMessage();
  },
  "@ai-sdk/anthropic"(fetch, origin) {
    const model = createAnthropic({ fetch, baseURL: `${origin}/v1`, apiKey: "k" })("claude-sonnet-4-6");
    return (isAgain) => generateText({ model, prompt: PROMPT, ...(isAgain && { headers }) });
  },
  "@langchain/anthropic"(fetch, anthropicApiUrl) {
    const chat = new ChatAnthropic({
      model: "claude-sonnet-4-6",
      apiKey: "k",
      anthropicApiUrl,
      clientOptions: { fetch },
    });
    return (isAgain) => chat.invoke(PROMPT, isAgain ? { headers } : {});
  },
  "@google/genai"(fetch, baseUrl) {
    const client = new GoogleGenAI({ apiKey: "k", httpOptions: { fetch, baseUrl } });
    const asked = { model: "gemini-2.5-flash", contents: PROMPT };
    return (isAgain) =>
      client.models.generateContent(isAgain ? { ...asked, config: { httpOptions: { headers } } } : asked);
  },
  "@langchain/google-genai"(fetch, baseUrl) {
    vi.stubGlobal("fetch", fetch);
    const fields = { model: "gemini-2.5-flash", apiKey: "k", baseUrl };
    const [usual, again] = [
      new ChatGoogleGenerativeAI(fields),
      new ChatGoogleGenerativeAI({ ...fields, customHeaders: headers }),
    ];
    return (isAgain) => (isAgain ? again : usual).invoke(PROMPT);
  },
  ollama(fetch, host) {
    const [usual, again] = [new Ollama({ fetch, host }), new Ollama({ fetch, host, headers })];
    return (isAgain) => (isAgain ? again : usual).chat({ model: "m", messages });
  },
  "@langchain/ollama"(fetch, baseUrl) {
    const [usual, again] = [
      new ChatOllama({ model: "m", fetch, baseUrl }),
      new ChatOllama({ model: "m", fetch, baseUrl, headers }),
    ];
    return (isAgain) => (isAgain ? again : usual).invoke(PROMPT);
  },
};

function setUp() {
  const fetch = cachedFetch({ store: memoryStore(), fetch: originalFetch });
  onTestFinished(async () => {
    vi.unstubAllGlobals();
    await fetch.close();
  });
  return { fetch: fetch as Fetch, misses: () => fetch.stats().misses };
}

async function testAgain(ask: Ask, misses: () => number): Promise<void> {
  for (const expected of [1, 1]) {
    await ask(false);
    expect(misses()).toBe(expected);
  }
  for (const isAgain of [true, false]) {
    await ask(isAgain);
    expect(misses()).toBe(2);
  }
}

describe("a client asks again with no-cache:", () => {
  test.each(Object.entries(CHAT))("%s", async (_, open) => {
    const server = await completionsServer();
    onTestFinished(() => server.close());
    const { fetch, misses } = setUp();
    await testAgain(open(fetch, server.baseURL), misses);
  });

  test.each(Object.entries(VENDORS))("%s", async (_, open) => {
    const server = await vendorServer();
    const { fetch, misses } = setUp();
    await testAgain(open(fetch, server.origin), misses);
  });
});

describe("an answer of another shape than was asked for", () => {
  const answer = (content: string) => ({
    id: "1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content } }],
  });
  async function wrongFirst() {
    const server = await completionsServer();
    onTestFinished(() => server.close());
    server.script([{ body: answer('{"town":"Kraków"}') }, { body: answer('{"city":"Kraków"}') }]);
    return { server, ...setUp() };
  }

  test("the AI SDK asks for once, however many retries it has: the program asks again", async () => {
    const { server, fetch } = await wrongFirst();
    const model = createOpenAI({ fetch, baseURL: server.baseURL, apiKey: "k" }).chat("m");
    const asked = { model, prompt: PROMPT, output: Output.object({ schema }), maxRetries: 3 };
    for (let turn = 0; turn < 2; turn++) {
      await expect(generateText(asked).then((result) => result.output)).rejects.toThrow(NoObjectGeneratedError);
    }
    expect(server.calls).toBe(1);
    expect((await generateText({ ...asked, headers })).output).toEqual({ city: "Kraków" });
    expect((await generateText(asked)).output).toEqual({ city: "Kraków" });
    expect(server.calls).toBe(2);
  });

  test("LangChain's withRetry is given again and again, and a fallback with no-cache is given another", async () => {
    const { server, fetch } = await wrongFirst();
    // By itself it asks 6 times more, with longer and longer pauses, although only the parser has failed.
    const own = { model: "m", apiKey: "k", maxRetries: 0 };
    const chat = new ChatOpenAI({ ...own, configuration: { fetch, baseURL: server.baseURL } });
    const structured = chat.withStructuredOutput(schema);
    await expect(structured.withRetry({ stopAfterAttempt: 2 }).invoke(PROMPT)).rejects.toThrow();
    expect(server.calls).toBe(1);
    const again = structured.withConfig({ options: { headers } } as object);
    expect(await structured.withFallbacks([again]).invoke(PROMPT)).toEqual({ city: "Kraków" });
    expect(await structured.invoke(PROMPT)).toEqual({ city: "Kraków" });
    expect(server.calls).toBe(2);
  });

  test("is not stored where the option admit refuses it", async () => {
    const { server } = await wrongFirst();
    const text = z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) });
    const admit = (given: object): boolean =>
      schema.safeParse(JSON.parse(text.parse(given).choices[0].message.content)).success;
    const fetch = cachedFetch({ store: memoryStore(), admit });
    onTestFinished(() => fetch.close());
    const client = new OpenAI({ fetch, baseURL: server.baseURL, apiKey: "k" });
    const response_format = zodResponseFormat(schema, "answer");
    const parse = () => client.chat.completions.parse({ model: "m", messages, response_format });
    await expect(parse()).rejects.toThrow();
    expect((await parse()).choices[0]?.message.parsed).toEqual({ city: "Kraków" });
    expect((await parse()).choices[0]?.message.parsed).toEqual({ city: "Kraków" });
    expect(server.calls).toBe(2);
  });
});
