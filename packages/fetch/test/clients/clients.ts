import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessageChunk } from "@langchain/core/messages";
import { concat } from "@langchain/core/utils/stream";
import { type CacheStore, type ClientStats, memoryStore } from "@remem/core";
import { generateText, jsonSchema, type LanguageModel, Output, streamText, type Tool, type ToolSet, tool } from "ai";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { cachedFetch } from "../../src/index.ts";
import { type Kind, vendorServer } from "./vendor-server.ts";

type Fetch = typeof globalThis.fetch;

const originalFetch = globalThis.fetch;

/** One call in both of its forms, in the client's own words. Each returns what the client gives its caller. */
interface Forms {
  whole(): Promise<unknown>;
  /** What the stream adds up to: a replay has other pieces than the stream that it replays. Left out where the client has none. */
  stream?(): Promise<unknown>;
}

/** What a client can be asked for. */
export type Client = Readonly<Partial<Record<Kind, Forms>>>;

/** A client with this `fetch`, for the server at this origin. */
export type OpenClient = (fetch: Fetch, origin: string) => Client;

/** A cache between clients and a server. */
export interface Cache {
  readonly fetch: Fetch;
  /** Where the clients take the server to be. */
  readonly origin: string;
  stats(): ClientStats;
  close(): Promise<void>;
}

/** Starts a cache over this store, in front of the server at this origin. */
export type StartCache = (store: CacheStore, origin: string) => Promise<Cache>;

async function startCachedFetch(store: CacheStore, origin: string): Promise<Cache> {
  const fetch = cachedFetch({ store, fetch: originalFetch });
  return { fetch: fetch as Fetch, origin, stats: fetch.stats, close: fetch.close };
}

export interface ClientServer {
  readonly origin: string;
  readonly calls: number;
}

export const PROMPT = "Kraków's river?";
export const schema: z.ZodType<{ city: string }> = z.object({ city: z.string() });
/** The same as JSON Schema, for the parameters of the tool `river`. */
export const parameters: Parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

interface Parameters {
  [member: string]: unknown;
  type: "object";
  properties: { city: { type: "string" } };
  required: string[];
  additionalProperties: false;
}

/** Tests that clients see no difference between their server and the cache, and that both forms of a call are one entry. */
export function testClients(
  clients: Readonly<Record<string, OpenClient>>,
  startServer: () => Promise<ClientServer> = vendorServer,
  startCache: StartCache = startCachedFetch,
): void {
  describe.each(Object.entries(clients))("%s:", (_, open) => {
    async function setUp(kind: Kind) {
      const server = await startServer();
      const bare = open(originalFetch, server.origin)[kind]!;
      const whole = await bare.whole();
      const calls = server.calls;
      const expected = { whole, stream: bare.stream === undefined ? whole : await bare.stream() };
      const bareRuns = server.calls / calls;
      const store = memoryStore();
      const start = async () => {
        const cache = await startCache(store, server.origin);
        onTestFinished(() => cache.close());
        const { whole, stream = whole } = open(cache.fetch, cache.origin)[kind]!;
        return { cache, forms: { whole, stream } };
      };
      /** How many runs have reached the server. */
      const runs = (): number => server.calls / calls - bareRuns;
      return { start, expected, calls, runs };
    }
    const kinds = Object.keys(open(globalThis.fetch, "http://localhost")) as Kind[];

    describe.each(kinds)("%s:", (kind) => {
      test.each([
        ["whole", "stream"],
        ["stream", "whole"],
      ] as const)("hits after a %s miss give what the server gives, whole and as a stream", async (first, second) => {
        const { start, expected, calls, runs } = await setUp(kind);
        const [miss, hit] = [await start(), await start()];
        expect(await miss.forms[first]()).toEqual(expected[first]);
        await miss.cache.close(); // Some clients go on before the end of the body.
        expect(await hit.forms[first]()).toEqual(expected[first]);
        expect(runs()).toBe(1);
        expect(await hit.forms[second]()).toEqual(expected[second]);
        expect(runs()).toBe(1);
        await hit.cache.close();
        expect(hit.cache.stats()).toMatchObject({ hits: 2 * calls, misses: 0, joined: 0 });
      });

      test("20 concurrent calls, whole and as streams, are one request", async () => {
        const { start, expected, runs } = await setUp(kind);
        const { forms } = await start();
        const all = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? "whole" : "stream"));
        const results = await Promise.all(all.map((form) => forms[form]()));
        for (const [index, form] of all.entries()) expect(results[index]).toEqual(expected[form]);
        expect(runs()).toBe(1);
      });
    });
  });
}

/** A model of the AI SDK. */
export function aiSdk(model: LanguageModel): Client {
  const river = tool({ description: "River of a city", inputSchema: jsonSchema(parameters) }) as Tool;
  const asked = { model, prompt: PROMPT, maxRetries: 0 };
  const tools: ToolSet = { river };
  const output = Output.object({ schema });
  const calling = { ...asked, tools };
  return {
    text: {
      whole: async () => readable(await generateText(asked)),
      stream: () => readAll(streamText(asked)),
    },
    tools: {
      whole: async () => readable(await generateText(calling)),
      stream: () => readAll(streamText(calling)),
    },
    structured: {
      whole: async () => (await generateText({ ...asked, output })).output,
      async stream() {
        const result = streamText({ ...asked, output });
        return { partial: (await collect(result.partialOutputStream)).at(-1), output: await result.output };
      },
    },
  };
}

/** What a caller reads of a result. Its other members have the times, headers and ids of the call. */
interface Result {
  readonly content: unknown;
  readonly usage: unknown;
  readonly finishReason: unknown;
  readonly warnings?: unknown;
  readonly providerMetadata?: unknown;
}

const readable = ({ content, usage, finishReason, warnings, providerMetadata }: Result) => ({
  content,
  usage,
  finishReason,
  warnings,
  providerMetadata,
});

async function readAll(result: ReturnType<typeof streamText>): Promise<unknown> {
  const texts = await collect(result.textStream);
  const [content, usage, finishReason, warnings, providerMetadata] = await Promise.all([
    result.content,
    result.usage,
    result.finishReason,
    result.warnings,
    result.providerMetadata,
  ]);
  return { text: texts.join(""), ...readable({ content, usage, finishReason, warnings, providerMetadata }) };
}

interface LangchainOptions {
  /** Whether the model can stream structured answers. */
  readonly hasStructuredStream?: boolean;
}

/** A chat model of LangChain. */
export function langchain(chat: BaseChatModel, { hasStructuredStream = true }: LangchainOptions = {}): Client {
  const tools = [{ name: "river", description: "River of a city", schema }];
  const calling = chat.bindTools!(tools) as unknown as BaseChatModel;
  const structured = chat.withStructuredOutput(schema, { name: "river" });
  // Merging loses members that the only chunk of a stream would keep, so there are always two.
  const forms = (asked: BaseChatModel): Forms => ({
    whole: async () => asMembers(await asked.invoke(PROMPT)),
    stream: async () => asMembers((await collect(await asked.stream(PROMPT))).reduce(concat, new AIMessageChunk(""))),
  });
  return {
    text: forms(chat),
    tools: forms(calling),
    structured: {
      whole: () => structured.invoke(PROMPT),
      ...(hasStructuredStream && { stream: async () => (await collect(await structured.stream(PROMPT))).at(-1) }),
    },
  };
}

/** A message as plain members, without ids that LangChain makes where the vendor has none. */
function asMembers(message: Pick<AIMessageChunk, "toDict">): unknown {
  return JSON.parse(JSON.stringify(message.toDict()), (_, value) => (MADE_ID.test(String(value)) ? "made" : value));
}

const MADE_ID = /^(?:run-)?[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

export async function collect<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}
