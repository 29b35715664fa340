import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryStore } from "@remem/core";
import { completionsServer } from "@remem/testing";
import { expect, onTestFinished, test } from "vitest";
import { type AskedFor, type CachedFetchOptions, cachedFetch } from "../src/index.ts";

async function setUp(options: Partial<CachedFetchOptions> = {}) {
  const server = await completionsServer();
  const store = options.store ?? memoryStore();
  const fetch = cachedFetch({ store, ...options });
  onTestFinished(async () => {
    await fetch.close();
    await server.close();
  });
  const post = (path: string, body: object): Promise<Response> =>
    fetch(server.baseURL + path, { method: "POST", body: JSON.stringify(body) });
  return { server, store, fetch, post };
}

const QUESTION = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Name a river." }] };

const UNKNOWN = {
  surface: undefined,
  model: undefined,
  passes: "no POST of a JSON object to an address that is cached",
};

test("authorize knows of each request what it asks for, before it is answered", async () => {
  const asked: AskedFor[] = [];
  const { server, fetch, post } = await setUp({ authorize: (one) => void asked.push(one) });
  await post("/chat/completions", QUESTION);
  await post("/chat/completions", { ...QUESTION, stream: true });
  await post("/embeddings", { model: "text-embedding-3-small", input: ["a", "b"] });
  await post("/responses", { model: "gpt-4o-mini", input: "Hi", previous_response_id: "resp_1" });
  await post("/files", {});
  await fetch(`${server.baseURL}/models`);
  const told = asked.map(({ method, url, ...others }) => [method, url.pathname.replace("/v1", ""), others]);
  expect(told).toEqual([
    ["POST", "/chat/completions", { surface: "chat", model: "gpt-4o-mini", passes: undefined }],
    ["POST", "/chat/completions", { surface: "chat", model: "gpt-4o-mini", passes: undefined }],
    ["POST", "/embeddings", { surface: "embeddings", model: "text-embedding-3-small", passes: undefined }],
    ["POST", "/responses", { surface: "responses", model: "gpt-4o-mini", passes: "previous_response_id" }],
    ["POST", "/files", UNKNOWN],
    ["GET", "/models", UNKNOWN],
  ]);
});

test.each([
  ["/chat/completions", QUESTION],
  ["/chat/completions", { ...QUESTION, stream: true }],
  ["/embeddings", { model: "text-embedding-3-small", input: "a" }],
  ["/responses", { model: "m", input: "Hi", previous_response_id: "resp_1" }],
  ["/files", {}],
])("what authorize throws, now or later, is what a caller of %s gets, and nothing is asked: %j", async (path, body) => {
  const refusal = new Error("Not this model.");
  for (const authorize of [
    () => {
      throw refusal;
    },
    () => Promise.reject(refusal),
  ]) {
    const { server, post, fetch } = await setUp({ authorize });
    await expect(post(path, body)).rejects.toBe(refusal);
    expect(server.requests).toHaveLength(0);
    expect(fetch.stats()).toMatchObject({ hits: 0, misses: 0 });
  }
});

test("a function for the scope keeps servers apart, and what two callers share", async () => {
  const store = memoryStore();
  const ofTeam = (name: string) => (server: string | undefined) => `${name} ${server ?? ""}`;
  const origins = await Promise.all([rawServer("one"), rawServer("two")]);
  async function ask(origin: string, scope: CachedFetchOptions["scope"]) {
    const fetch = cachedFetch({ store, scope });
    onTestFinished(() => fetch.close());
    const response = await fetch(`${origin}/v1/chat/completions`, { method: "POST", body: JSON.stringify(QUESTION) });
    const { choices } = (await response.json()) as { choices: [{ message: { content: string } }] };
    return [choices[0].message.content, response.headers.get("cache-status")];
  }
  const [one, two] = origins;
  expect(await ask(one, ofTeam("a"))).toEqual(["one", "remem; fwd=miss"]);
  expect(await ask(two, ofTeam("a"))).toEqual(["two", "remem; fwd=miss"]);
  expect(await ask(one, ofTeam("b"))).toEqual(["one", "remem; fwd=miss"]);
  expect(await ask(one, ofTeam("a"))).toEqual(["one", "remem; hit"]);
  expect(await ask(two, ofTeam("a"))).toEqual(["two", "remem; hit"]);
  expect(await ask(one, (server) => server)).toEqual(["one", "remem; fwd=miss"]);
  expect(await ask(one, undefined)).toEqual(["one", "remem; hit"]);
});

/** A server that answers each question with its name. */
async function rawServer(content: string): Promise<string> {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("content-type", "application/json").end(JSON.stringify({ id: "1", model: "m", choices }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
