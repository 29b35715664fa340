import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { createGoogle } from "@ai-sdk/google";
import { GoogleGenAI } from "@google/genai";
import { GoogleGenerativeAIEmbeddings } from "@langchain/google-genai";
import { OllamaEmbeddings } from "@langchain/ollama";
import { Mistral } from "@mistralai/mistralai";
import { HTTPClient } from "@mistralai/mistralai/lib/http.js";
import { memoryStore } from "@remem/core";
import { embedMany } from "ai";
import { GoogleGenAI as GoogleGenAI1 } from "google-genai-1";
import { Ollama } from "ollama";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { cachedFetch } from "../../../src/index.ts";

type Fetch = typeof globalThis.fetch;

const originalFetch = globalThis.fetch;

interface Content {
  readonly parts: ReadonlyArray<{ readonly text: string }>;
}
interface Body {
  readonly model?: string;
  readonly content?: Content;
  readonly requests?: ReadonlyArray<{ readonly content: Content }>;
  readonly input?: string | readonly string[];
  readonly prompt?: string;
}

const MODALITY = "TEXT";

/** What the servers of these vendors answer. Vectors begin with the length of their text. */
function answerTo(path: string, { content, requests, input, prompt, model }: Body): object {
  const vector = (text: string): number[] => [text.length, 0.25];
  const textOf = ({ parts }: Content): string => parts.map(({ text }) => text).join("");
  const usageMetadata = (count: number) => ({
    promptTokenCount: 7 * count,
    promptTokenDetails: [{ modality: MODALITY, tokenCount: 7 * count }],
  });
  if (content !== undefined) return { embedding: { values: vector(textOf(content)) }, usageMetadata: usageMetadata(1) };
  if (requests !== undefined) {
    const embeddings = requests.map((one) => ({ values: vector(textOf(one.content)) }));
    return { embeddings, usageMetadata: usageMetadata(requests.length) };
  }
  if (prompt !== undefined) return prompt === "" ? { embedding: [] } : { embedding: vector(prompt) };
  const texts = [input ?? []].flat();
  if (path.endsWith("/v1/embeddings")) {
    const data = texts.map((text, index) => ({ object: "embedding", index, embedding: vector(text) }));
    return { id: "e", object: "list", model, data, usage: { promptTokens: 3, prompt_tokens: 3, total_tokens: 3 } };
  }
  const embeddings = texts.filter((text) => text !== "" || Array.isArray(input)).map(vector);
  return { model, embeddings, total_duration: 14_143_917, load_duration: 1_019_500, prompt_eval_count: 8 };
}

/** The texts that a request asks for. */
const textsIn = ({ content, requests, input, prompt }: Body): string[] =>
  [content ?? [], requests?.map((one) => one.content) ?? []]
    .flat()
    .map(({ parts }) => parts.map(({ text }) => text).join(""))
    .concat(input ?? [], prompt ?? []);

async function setUp() {
  const asked: string[][] = [];
  const server = createServer(async (request, response) => {
    const body = (await json(request)) as Body;
    asked.push(textsIn(body));
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answerTo(request.url!, body)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fetch = cachedFetch({ store: memoryStore(), fetch: originalFetch });
  onTestFinished(() => fetch.close());
  async function post(path: string, body: object) {
    const response = await fetch(origin + path, { method: "POST", body: JSON.stringify(body) });
    return { body: (await response.json()) as object, cache: response.headers.get("cache-status") };
  }
  return { origin, asked, fetch: fetch as Fetch, stats: fetch.stats, post };
}

const content = (text: string, role?: string) => ({ ...(role && { role }), parts: [{ text }] });

describe("Gemini's embeddings", () => {
  const MODEL = "/v1beta/models/gemini-embedding-001";
  const one = (text: string, members: object = {}) => ({ content: content(text), ...members });
  const many = (texts: string[], members: object = {}) => ({
    requests: texts.map((text) => ({
      model: "models/gemini-embedding-001",
      content: content(text, "user"),
      ...members,
    })),
  });

  test("of a list are asked for where they are missing, once each, and share entries with single ones", async () => {
    const { asked, post } = await setUp();
    await post(`${MODEL}:embedContent`, one("a"));
    const { body, cache } = await post(`${MODEL}:batchEmbedContents`, many(["bb", "a", "ccc", "bb"]));
    expect(asked).toEqual([["a"], ["bb", "ccc"]]);
    expect(cache).toBe("remem; fwd=miss");
    expect(body).toEqual({
      embeddings: [2, 1, 3, 2].map((length) => ({ values: [length, 0.25] })),
      usageMetadata: { promptTokenCount: 28, promptTokenDetails: [{ modality: MODALITY, tokenCount: 28 }] },
    });
    const single = await post(`${MODEL}:embedContent`, { model: "models/gemini-embedding-001", ...one("ccc") });
    expect(single.cache).toBe("remem; hit");
    expect(single.body).toEqual(answerTo("", one("ccc")));
  });

  test("of another task, title, size, model or version are others", async () => {
    const { asked, post } = await setUp();
    for (let turn = 0; turn < 2; turn++) {
      for (const members of [{}, { taskType: "CLUSTERING" }, { title: "t" }, { outputDimensionality: 8 }]) {
        await post(`${MODEL}:embedContent`, one("a", members));
        await post(`${MODEL}:batchEmbedContents`, many(["a"], members));
      }
      await post("/v1/models/gemini-embedding-001:embedContent", one("a"));
      await post("/v1beta/models/text-embedding-004:embedContent", one("a"));
    }
    expect(asked).toHaveLength(6);
  });

  test.each([
    ["no content", "embedContent", {}],
    ["an empty list", "batchEmbedContents", { requests: [] }],
    ["another model than the address", "batchEmbedContents", { requests: [{ ...one("a"), model: "models/other" }] }],
    [
      "a file",
      "embedContent",
      { content: { parts: [{ text: "", fileData: { fileUri: "https://x/v1beta/files/1" } }] } },
    ],
  ])("of a request with %s pass through", async (_, method, body) => {
    const { asked, post, stats } = await setUp();
    for (let turn = 0; turn < 2; turn++) await post(`${MODEL}:${method}`, body);
    expect(asked).toHaveLength(2);
    expect(stats().misses).toBe(0);
  });
});

describe("Ollama's embeddings", () => {
  const embed = (input: unknown, members: object = {}) => ({ model: "nomic-embed-text", input, ...members });

  test("of a list are asked for where they are missing, once each, and a text alone is an item", async () => {
    const { asked, post } = await setUp();
    await post("/api/embed", embed("a"));
    const { body } = await post("/api/embed", embed(["bb", "a", "ccc", "bb"]));
    expect(asked).toEqual([["a"], ["bb", "ccc"]]);
    expect(body).toMatchObject({ model: "nomic-embed-text", embeddings: [2, 1, 3, 2].map((length) => [length, 0.25]) });
    expect(await post("/api/embed", embed("ccc"))).toMatchObject({ cache: "remem; hit" });
  });

  test("that are stored are what they were, with the durations and tokens of the miss", async () => {
    const { post } = await setUp();
    const miss = await post("/api/embed", embed(["a", "bb", "ccc"]));
    expect(miss.body).toEqual(answerTo("/api/embed", embed(["a", "bb", "ccc"]) as Body));
    expect((await post("/api/embed", embed(["a", "bb", "ccc"]))).body).toEqual(miss.body);
  });

  test("do not depend on how long the model is kept, but on what is done with long texts, sizes and options", async () => {
    const { asked, post } = await setUp();
    for (const members of [{}, { keep_alive: "5m" }, { keep_alive: 0 }, { truncate: true }]) {
      await post("/api/embed", embed("a", members));
    }
    expect(asked).toHaveLength(1);
    for (const members of [{ truncate: false }, { dimensions: 8 }, { options: { num_ctx: 64 } }]) {
      await post("/api/embed", embed("a", members));
    }
    expect(asked).toHaveLength(4);
  });

  test("of the older address are others, since the server does not normalize them", async () => {
    const { asked, post, stats } = await setUp();
    const older = { model: "nomic-embed-text", prompt: "a" };
    await post("/api/embed", embed("a"));
    const miss = await post("/api/embeddings", older);
    expect(miss.body).toEqual({ embedding: [1, 0.25] });
    expect(await post("/api/embeddings", { ...older, keep_alive: "5m" })).toEqual({ ...miss, cache: "remem; hit" });
    expect(asked).toHaveLength(2);
    expect(stats().misses).toBe(2);
  });

  test.each([
    ["/api/embed", embed("")],
    ["/api/embed", embed([])],
    ["/api/embed", { model: "nomic-embed-text" }],
    ["/api/embeddings", { model: "nomic-embed-text", prompt: "" }],
  ])("without a text load the model, and pass through: %s %o", async (path, body) => {
    const { asked, post, stats } = await setUp();
    for (let turn = 0; turn < 2; turn++) expect((await post(path, body)).body).toEqual(answerTo(path, body as Body));
    expect(asked).toHaveLength(2);
    expect(stats().misses).toBe(0);
  });
});

type Embed = (texts: string[]) => Promise<unknown>;

const withGoogle =
  (client: GoogleGenAI): Embed =>
  async (contents) => {
    const { embeddings, usageMetadata } = await client.models.embedContent({ model: "gemini-embedding-001", contents });
    return { embeddings, usageMetadata };
  };

describe("a client gets the same vectors with the cache as without:", () => {
  test.each<[string, (fetch: Fetch, origin: string) => Embed]>([
    [
      "@google/genai 3",
      (fetch, baseUrl) => withGoogle(new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl, fetch } })),
    ],
    [
      "@google/genai 1",
      (fetch, baseUrl) => (texts) => {
        vi.stubGlobal("fetch", fetch);
        return withGoogle(new GoogleGenAI1({ apiKey: "k", httpOptions: { baseUrl } }) as never)(texts);
      },
    ],
    [
      "@ai-sdk/google",
      (fetch, origin) => async (values) => {
        const model = createGoogle({ fetch, baseURL: `${origin}/v1beta`, apiKey: "k" }).embedding(
          "gemini-embedding-001",
        );
        return (await embedMany({ model, values })).embeddings;
      },
    ],
    [
      "@langchain/google-genai",
      (fetch, baseUrl) => (texts) => {
        vi.stubGlobal("fetch", fetch);
        const model = "gemini-embedding-001";
        return new GoogleGenerativeAIEmbeddings({ model, apiKey: "k", baseUrl }).embedDocuments(texts);
      },
    ],
    ["ollama", (fetch, host) => (input) => new Ollama({ fetch, host }).embed({ model: "nomic-embed-text", input })],
    [
      "ollama, its older API",
      (fetch, host) => (texts) => {
        const client = new Ollama({ fetch, host });
        return Promise.all(texts.map((prompt) => client.embeddings({ model: "nomic-embed-text", prompt })));
      },
    ],
    [
      "@langchain/ollama",
      (fetch, baseUrl) => (texts) =>
        new OllamaEmbeddings({ model: "nomic-embed-text", fetch, baseUrl }).embedDocuments(texts),
    ],
    [
      "@mistralai/mistralai",
      (fetcher, serverURL) => async (inputs) => {
        const client = new Mistral({ serverURL, apiKey: "k", httpClient: new HTTPClient({ fetcher }) });
        return (await client.embeddings.create({ model: "mistral-embed", inputs })).data;
      },
    ],
  ])("%s", async (_, open) => {
    onTestFinished(() => void vi.unstubAllGlobals());
    const { origin, asked, fetch } = await setUp();
    const cached = open(fetch, origin);
    const miss = await cached(["a", "bb"]);
    const calls = asked.length;
    expect(await cached(["a", "bb"])).toEqual(miss);
    expect(asked).toHaveLength(calls);
    await cached(["a", "bb", "ccc"]);
    expect(asked.slice(calls)).toEqual([["ccc"]]);
    expect(await open(originalFetch, origin)(["a", "bb"])).toEqual(miss);
    expect(asked).toHaveLength(2 * calls + 1);
  });
});
