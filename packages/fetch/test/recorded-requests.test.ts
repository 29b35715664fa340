import { memoryStore } from "@remem/core";
import { expect, test } from "vitest";
import { cachedFetch } from "../src/index.ts";
import type { StreamFormat } from "../src/surfaces/http-surface.ts";
import { type AnySurface, builtInSurfaces } from "../src/surfaces/surfaces.ts";
import { type GoldenRequest, goldenRequests, streamsOf } from "./golden.ts";

/** Some of the requests ask for JSON. */
const TEXT = '{"city":"Paris"}';
const CHAT = {
  id: "1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: TEXT }, finish_reason: "stop" }],
};
const MODERATION = { id: "1", model: "m", results: [{ flagged: false, categories: {} }] };

/** An answer of this kind that is worth storing. */
function answerOf(kind: string): object {
  if (kind === "chat") return CHAT;
  if (kind === "moderations") return MODERATION;
  if (kind === "ollama-generate") return { model: "m", response: TEXT, done: true, done_reason: "stop" };
  const stored = streamsOf(kind.replace("ollama-chat", "ollama")).find(
    ({ store, request }) => store && !("tools" in request),
  );
  const texts = (name: string, value: unknown) =>
    typeof value === "string" && (name === "text" || name === "content") ? TEXT : value;
  return JSON.parse(JSON.stringify(stored!.answer), texts);
}

/** What a server would answer to a recorded request. */
function replyTo(kind: AnySurface | undefined, url: URL, body: GoldenRequest["body"], headers: Headers): Response {
  if (kind === undefined) return Response.json({});
  if ("split" in kind) {
    if ("content" in body) return Response.json({ embedding: { values: [1] } });
    if (Array.isArray(body.requests)) {
      return Response.json({ embeddings: body.requests.map((_, index) => ({ values: [1, index] })) });
    }
    const { input } = body;
    const inputs = Array.isArray(input) && typeof input[0] !== "number" ? input : [input];
    if (kind.surface.name === "ollama-embeddings") {
      return Response.json({ model: "m", embeddings: inputs.map((_, index) => [1, index]) });
    }
    return Response.json({
      object: "list",
      data: inputs.map((_, index) => ({ index, embedding: [1, index] })),
      model: "m",
    });
  }
  const answer = answerOf(kind.surface.name);
  const found = kind.find({ url, body, headers });
  if ("passes" in found || !found.isStream) return Response.json(answer);
  const { start = "", between = "", end = "", write, contentType } = formatOf(kind.stream!, url);
  const chunks = [...kind.surface.chunksOf!(answer)].map(write);
  return new Response(start + chunks.join(between) + end, { headers: { "content-type": contentType } });
}

const formatOf = (stream: StreamFormat | ((url: URL) => StreamFormat), url: URL): StreamFormat =>
  typeof stream === "function" ? stream(url) : stream;

/** Why a recorded request is asked twice; undefined where the second is a hit. */
async function whyAskedTwice({ path, body, headers }: GoldenRequest): Promise<string | undefined> {
  const url = new URL(path, "https://api.example.com");
  const kind = builtInSurfaces.find((one) => one.matches(url));
  let calls = 0;
  await using fetch = cachedFetch({
    store: memoryStore(),
    async fetch() {
      calls += 1;
      return replyTo(kind, url, body, new Headers(headers));
    },
  });
  const texts = [];
  for (let turn = 0; turn < 2; turn++) {
    const response = await fetch(url, { method: "POST", headers: { ...headers }, body: JSON.stringify(body) });
    texts.push(await response.text());
  }
  expect(texts[0]).not.toBe("");
  if (calls === 1) {
    expect(texts[1]).toBe(texts[0]);
    return undefined;
  }
  if (kind === undefined) return `no surface: ${url.pathname.replace(/^.*[/:]/, "")}`;
  const found = "find" in kind ? kind.find({ url, body, headers: new Headers(headers) }) : undefined;
  return found !== undefined && "passes" in found ? found.passes : `${kind.surface.name}: not stored`;
}

test("every recorded request is asked once, or passes through for a stated reason", async () => {
  const reasons: Record<string, number> = {};
  for (const request of goldenRequests) {
    const why = (await whyAskedTwice(request)) ?? "asked once";
    reasons[why] = (reasons[why] ?? 0) + 1;
  }
  expect(reasons).toEqual({
    "asked once": 237,
    // The server keeps what these refer to.
    item_reference: 2,
    thread: 2,
    "no surface: countTokens": 1,
    "no surface: count_tokens": 1,
  });
});
