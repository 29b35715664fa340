// Another kind of answer needs a surface, and nothing of the engine: embeddings, item by item.
import { expect, test } from "vitest";
import { batchLoader } from "../../src/concurrency/batch-loader.ts";
import {
  type Call,
  createCall,
  createReadThrough,
  InvalidRequestError,
  memoryStore,
  type Surface,
} from "../../src/index.ts";
import { createTrace } from "../doubles.ts";

interface Embedding {
  readonly embedding: readonly number[];
}
interface EmbeddingRequest {
  readonly model: string;
  readonly input: string;
}

const embeddings: Surface<EmbeddingRequest, Embedding> = {
  specVersion: 1,
  name: "embeddings",
  unkeyed: new Set(["user"]),
  check({ input }) {
    if (typeof input !== "string") throw new InvalidRequestError("/input", "must be a string.");
  },
  isAnswer: (value): value is Embedding => Array.isArray((value as Partial<Embedding> | null)?.embedding),
  admit: ({ embedding }) => embedding.length > 0,
};

/** A server that embeds lists. It is asked for what is missed in one turn together. */
function setUp() {
  const asked: string[][] = [];
  const embed = batchLoader(async (inputs: readonly string[]) => {
    asked.push([...inputs]);
    return inputs.map((input) => ({ embedding: [input.length, 0.5] }));
  });
  const trace = createTrace();
  const store = memoryStore();
  const cache = createReadThrough({ store, onEvent: trace.record });
  const call = (input: string): Call<EmbeddingRequest, Embedding> =>
    createCall(
      embeddings,
      { model: "e", input },
      {
        provider: "server",
        ask: async ({ input }) => embed(input),
      },
    );
  return { asked, cache, call, store, trace };
}

test("of five inputs, two of them stored and one given twice, the server is asked for two, in one call", async () => {
  const { asked, cache, call } = setUp();
  for (const input of ["a", "bb"]) await cache.get(call(input));
  asked.length = 0;
  const outcomes = await Promise.all(["a", "ccc", "bb", "ccc", "dddd"].map((input) => cache.get(call(input))));
  expect(outcomes.map(({ source }) => source)).toEqual(["store", "provider", "store", "flight", "provider"]);
  expect(outcomes.map(({ answer }) => answer.embedding[0])).toEqual([1, 3, 2, 3, 4]);
  expect(asked).toEqual([["ccc", "dddd"]]);
  expect(cache.stats()).toMatchObject({ hits: 2, joined: 1, misses: 4, stored: 4 });
});

test("the surface decides which requests are refused, which answers are stored, and which are malformed", async () => {
  const { cache, call, trace } = setUp();
  expect(() =>
    createCall(embeddings, { input: 5 }, { provider: "server", ask: async () => ({ embedding: [] }) }),
  ).toThrow(InvalidRequestError);
  expect(await cache.get({ ...call("a"), ask: async () => ({ embedding: [] }) })).toMatchObject({ source: "provider" });
  expect(trace.types).toEqual(["miss", "not-admitted"]);
  const odd = { ...call("b"), ask: async () => ({ vector: [] }) as never };
  await expect(cache.get(odd)).rejects.toMatchObject({ code: "MALFORMED_ANSWER", provider: "server" });
});

test("its requests have keys of their own, without what is unkeyed", () => {
  const options = { provider: "server", ask: async () => ({ embedding: [1] }) };
  const keyOf = (surface: Surface<EmbeddingRequest, Embedding>, request: object) =>
    createCall(surface, request, options).key;
  const request = { model: "e", input: "a" };
  expect(keyOf(embeddings, { ...request, user: "u" })).toBe(keyOf(embeddings, request));
  expect(keyOf(embeddings, { ...request, dimensions: 3 })).not.toBe(keyOf(embeddings, request));
  expect(keyOf({ ...embeddings, name: "other" }, request)).not.toBe(keyOf(embeddings, request));
});

test("what `ask` gives beside an answer is stored with it, and is apart from it for every caller", async () => {
  const cache = createReadThrough({ store: memoryStore() });
  const call = createCall(
    embeddings,
    { model: "e", input: "a" },
    { provider: "server", ask: async () => ({ embedding: [1], remem: { id: "r1" } }) },
  );
  const outcomes = [...(await Promise.all([cache.get(call), cache.get(call)])), await cache.get(call)];
  expect(outcomes.map(({ source }) => source)).toEqual(["provider", "flight", "store"]);
  for (const { answer, kept } of outcomes) {
    expect(answer).toEqual({ embedding: [1] });
    expect(kept).toEqual({ id: "r1" });
  }
});
