import { InvalidRequestError, type Surface } from "@remem/core";
import type { SurfaceContractOptions } from "../../src/index.ts";

export interface EmbeddingsRequest {
  readonly model: string;
  readonly input: string | readonly string[];
  readonly encoding_format?: "float" | "base64";
  readonly user?: string;
}

export interface Embeddings {
  readonly data: ReadonlyArray<{ readonly index: number; readonly embedding: readonly number[] }>;
  readonly usage?: { readonly prompt_tokens: number } | null;
}

/** A piece of a stream: an item, or at the end the usage. No server streams embeddings; the contract wants an example. */
export interface EmbeddingsChunk {
  readonly item?: Embeddings["data"][number];
  readonly usage?: Embeddings["usage"];
}

/** A small surface that keeps every promise of the contract. */
export const embeddingsSurface: Surface<EmbeddingsRequest, Embeddings> = {
  specVersion: 1,
  name: "embeddings",
  unkeyed: new Set(["user"]),
  defaults: { encoding_format: "float" },
  check({ model, input }) {
    if (typeof model !== "string") throw new InvalidRequestError("/model", "must be the name of a model.");
    if (typeof input !== "string" && !Array.isArray(input)) {
      throw new InvalidRequestError("/input", "must be a string or a list of strings.");
    }
  },
  isAnswer(value): value is Embeddings {
    const { data } = (value ?? {}) as Partial<Embeddings>;
    return Array.isArray(data) && data.length > 0 && data.every((one) => Array.isArray(one?.embedding));
  },
  admit: ({ data }, { input }) => data.length === (typeof input === "string" ? 1 : input.length),
  tokens: ({ usage }) => ({ prompt: usage?.prompt_tokens ?? 0, completion: 0 }),
  finishReason: ({ data }) => (data.length > 0 ? "complete" : undefined),
  texts: {
    said: ["input"],
    messages: ({ input }) =>
      (typeof input === "string" ? [input] : input).map((one) => ({ role: "user", text: `${one}` })),
    choices: ({ data }) => data.map(({ embedding }) => ({ role: "embedding", text: embedding.join() })),
  },
  aggregate() {
    const chunks: EmbeddingsChunk[] = [];
    return {
      add: (chunk) => void chunks.push(chunk),
      isComplete: () => chunks.at(-1)?.usage !== undefined,
      answer: () =>
        structuredClone({ data: chunks.flatMap(({ item }) => item ?? []), usage: chunks.at(-1)?.usage ?? null }),
    };
  },
  *chunksOf({ data, usage = null }) {
    for (const item of data) yield { item };
    yield { usage };
  },
};

const request: EmbeddingsRequest = { model: "text-embedding-3-small", input: ["Why?", "How?"], user: "me" };
const data = [
  { index: 0, embedding: [0.25, -1e-9] },
  { index: 1, embedding: [1, 0] },
];

export const embeddingsOptions: Omit<SurfaceContractOptions<EmbeddingsRequest, Embeddings>, "surface"> = {
  examples: [
    { request, answer: { data, usage: { prompt_tokens: 4 } } },
    {
      request: { model: "m", input: "Why?", encoding_format: "base64" },
      answer: { data: data.slice(0, 1), usage: null },
    },
  ],
  incompleteExamples: [{ request, answer: { data: data.slice(0, 1) } }],
  incompleteStreams: [[{ item: data[0] }]],
  invalidRequests: [{}, { model: "m" }, { model: "m", messages: [] }, { input: "Why?" }],
  malformedAnswers: [{ data: [] }, { data: [null] }, { error: { message: "overloaded" } }],
};
