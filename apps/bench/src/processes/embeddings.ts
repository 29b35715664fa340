// Embeds lists of texts again and again, sends its measurements, and ends.

import { join } from "node:path";
import { cachedFetch } from "@remem/fetch";
import { sqliteStore } from "@remem/sqlite";
import OpenAI from "openai";
import { createWorkload } from "../workload.ts";

export interface EmbeddingLists {
  readonly directory: string;
  readonly serverUrl: string;
  /** The number of texts in a list. */
  readonly texts: number;
  /** How many of them are new in each list. Left out for a client without a cache. */
  readonly fresh?: number;
  readonly rounds: number;
}

export interface EmbeddingTimes {
  /** Milliseconds of each list. */
  readonly wallMs: readonly number[];
  /** The number of texts that the server was asked for, in each list. */
  readonly asked: number;
}

const { directory, serverUrl, texts, fresh, rounds } = JSON.parse(process.argv[2]!) as EmbeddingLists;
const work = createWorkload({ promptChars: 1, answerChars: 200 });
let asked = 0;

async function counting(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  asked += JSON.parse(init!.body as string).input.length;
  return globalThis.fetch(input, init);
}
const fetch =
  fresh === undefined
    ? counting
    : cachedFetch({ store: sqliteStore({ path: join(directory, "cache.sqlite") }), fetch: counting });
const client = new OpenAI({ apiKey: "none", baseURL: serverUrl, fetch });

/** The list of a round. Those before the first one warm up. */
async function embed(round: number): Promise<number> {
  const known = texts - (fresh ?? 0);
  const input = Array.from({ length: texts }, (_, n) => (n < known ? textAt(n) : textAt(texts * (round + 2) + n)));
  const start = performance.now();
  const { data } = await client.embeddings.create({ model: "text-embedding-3-small", input });
  const wallMs = performance.now() - start;
  if (data.length !== texts || data.some(({ embedding }) => embedding.length !== 1_536))
    throw new Error("Wrong vectors.");
  return wallMs;
}
/** Texts that all differ. */
function textAt(n: number): string {
  return `${n}: ${work.answer(n)}`;
}

for (const round of [-2, -1]) await embed(round);
asked = 0;
const wallMs: number[] = [];
for (let round = 0; round < rounds; round++) wallMs.push(await embed(round));
process.send!({ wallMs, asked: asked / rounds } satisfies EmbeddingTimes);
