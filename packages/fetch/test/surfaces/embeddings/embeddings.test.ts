import { createOpenAI } from "@ai-sdk/openai";
import { OpenAIEmbeddings } from "@langchain/openai";
import { memoryStore } from "@remem/core";
import { sqliteStore } from "@remem/sqlite";
import { temporaryFile } from "@remem/test-support/temporary";
import { embedMany } from "ai";
import OpenAI7 from "openai";
import OpenAI6 from "openai-6";
import { expect, onTestFinished, test } from "vitest";
import { type CachedFetchOptions, cachedFetch } from "../../../src/index.ts";
import { embeddingsServer } from "./embeddings-server.ts";

type Fetch = typeof globalThis.fetch;

interface EmbeddingsBody {
  readonly data: ReadonlyArray<{ readonly embedding: never; readonly index: number }>;
  readonly usage: { readonly prompt_tokens: number };
}

async function setUp(options: Partial<CachedFetchOptions> = {}) {
  const server = await embeddingsServer();
  const fetch = cachedFetch({ store: memoryStore(), ...options });
  onTestFinished(() => fetch.close());
  async function embed(input: unknown, members: object = {}, headers: Record<string, string> = {}) {
    const body = JSON.stringify({ model: "text-embedding-3-small", input, ...members });
    const response = await fetch(`${server.baseURL}/embeddings`, { method: "POST", body, headers });
    const answer = (await response.json()) as EmbeddingsBody;
    return { status: response.status, cache: response.headers.get("cache-status"), body: answer };
  }
  return { server, fetch, embed };
}

test("the server is asked only for the inputs that are missing, once each, in their order", async () => {
  const { server, fetch, embed } = await setUp();
  await embed(["a", "bb"]);
  const { body, cache } = await embed(["ccc", "a", "dddd", "ccc", "bb"]);
  expect(server.asked).toEqual([
    ["a", "bb"],
    ["ccc", "dddd"],
  ]);
  expect(body.data.map(({ embedding, index }) => [index, embedding[0]])).toEqual(
    [3, 1, 4, 3, 2].map((length, index) => [index, length]),
  );
  expect(cache).toBe("remem; fwd=miss");
  expect(fetch.stats()).toMatchObject({ misses: 4, hits: 2, joined: 1 });
  expect((await embed("dddd")).cache).toBe("remem; hit");
});

test("an answer that is stored is what it was, and its usage is what was paid for it", async () => {
  const { embed } = await setUp();
  const miss = await embed(["a", "bb", "ccc"]);
  const hit = await embed(["a", "bb", "ccc"]);
  expect(hit.body).toEqual(miss.body);
  expect(miss.body).toMatchObject({ object: "list", model: "text-embedding-3-small", usage: { prompt_tokens: 10 } });
  const parts = await Promise.all(["a", "bb", "ccc"].map((input) => embed(input)));
  expect(parts.reduce((sum, { body }) => sum + body.usage.prompt_tokens, 0)).toBe(10);
});

test.each([
  ["float", "base64"],
  ["base64", "float"],
  [undefined, "base64"],
])("vectors that were asked for as %s are given as %s", async (one, other) => {
  const { server, embed } = await setUp();
  await embed(["a", "bb"], { encoding_format: one });
  const { body } = await embed(["a", "bb"], { encoding_format: other, user: "u" });
  expect(server.asked).toHaveLength(1);
  const { embedding } = body.data[0]!;
  if (other === "base64") {
    const floats = new Float32Array(new Uint8Array(Buffer.from(embedding, "base64")).buffer);
    expect([...floats]).toEqual([1, 0.1, -0.0023064255].map(Math.fround));
  } else expect(embedding).toEqual([1, 0.1, -0.0023064255]);
});

test("a list of numbers is one input, and what is neither a text nor tokens passes through", async () => {
  const { server, embed } = await setUp();
  for (let turn = 0; turn < 2; turn++) {
    await embed([1, 2, 3]);
    await embed([[1, 2, 3], [4]]);
  }
  expect(server.asked).toEqual([[[1, 2, 3]], [[4]]]);
  await embed([]);
  await embed([{ image: "x" }]);
  await embed([{ image: "x" }]);
  expect(server.asked).toHaveLength(5);
});

test("requests at the same time ask for a text once, and for no more than they lack", async () => {
  const { server, embed } = await setUp();
  const lists = Array.from({ length: 10 }, (_, list) =>
    Array.from({ length: 20 }, (_, index) => `text ${list + index}`),
  );
  await Promise.all(lists.map((list) => embed(list)));
  const texts = server.asked.flat();
  expect(new Set(texts).size).toBe(29);
  expect(texts).toHaveLength(29);
});

test("other dimensions, another model and another sample are other vectors", async () => {
  const { server, embed } = await setUp();
  await embed("a");
  await embed("a", { dimensions: 2 });
  await embed("a", { model: "text-embedding-3-large" });
  await embed("a", {}, { "x-remem-sample": "1" });
  expect(server.asked).toHaveLength(4);
});

test("a failure is the caller's as it came, and what was stored before stays", async () => {
  const { server, embed } = await setUp();
  await embed("a");
  server.fail(429);
  expect(await embed(["a", "bb"])).toMatchObject({ status: 429, body: { error: { message: "no" } } });
  await embed(["a", "bb"]);
  expect(server.asked).toEqual([["a"], ["bb"], ["bb"]]);
  expect(await embed(["a", "new"], {}, { "cache-control": "only-if-cached" })).toMatchObject({ status: 402 });
});

test("a thousand texts over SQLite, of which ten are new, are one request for ten", async () => {
  const { server, embed } = await setUp({ store: sqliteStore({ path: temporaryFile() }) });
  const texts = Array.from({ length: 1_000 }, (_, index) => `text ${index}`);
  await embed(texts.slice(0, 990));
  await embed(texts);
  expect(server.asked.map(({ length }) => length)).toEqual([990, 10]);
});

test.each<[string, (fetch: Fetch, baseURL: string) => (inputs: string[]) => Promise<unknown>]>([
  ["openai 7", (fetch, baseURL) => embedWith(new OpenAI7({ fetch, baseURL, apiKey: "k" }))],
  ["openai 6", (fetch, baseURL) => embedWith(new OpenAI6({ fetch, baseURL, apiKey: "k" }) as never)],
  [
    "@ai-sdk/openai",
    (fetch, baseURL) => async (values) => {
      const model = createOpenAI({ fetch, baseURL, apiKey: "k" }).embedding("text-embedding-3-small");
      const { embeddings, usage } = await embedMany({ model, values });
      return { embeddings, usage };
    },
  ],
  [
    "@langchain/openai",
    (fetch, baseURL) => (texts) =>
      new OpenAIEmbeddings({
        model: "text-embedding-3-small",
        apiKey: "k",
        configuration: { fetch, baseURL },
      }).embedDocuments(texts),
  ],
])("%s gets the same vectors with the cache as without", async (_, open) => {
  const { server, fetch } = await setUp();
  const cached = open(fetch as Fetch, server.baseURL);
  const miss = await cached(["a", "bb"]);
  expect(await cached(["a", "bb"])).toEqual(miss);
  expect(server.asked).toHaveLength(1);
  const bare = await open(globalThis.fetch, server.baseURL)(["a", "bb"]);
  expect(bare).toEqual(miss);
});

function embedWith(client: OpenAI7) {
  return async (input: string[]) => {
    const { data, model, usage } = await client.embeddings.create({ model: "text-embedding-3-small", input });
    return { data, model, usage };
  };
}
