import type { ChatCompletion } from "@remem/core";
import { validator } from "@remem/test-support/openapi";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CompletionsServer, completionsServer } from "../../src/index.ts";
import { complete, question } from "./post.ts";

const responseErrors = validator("CreateChatCompletionResponse");
const categories = Object.fromEntries(
  ["hate", "self_harm", "sexual", "violence"].map((category) => [category, { filtered: false, severity: "safe" }]),
);
const results = {
  prompt_filter_results: [
    { prompt_index: 0, content_filter_results: { ...categories, jailbreak: { filtered: false, detected: false } } },
  ],
};

const V1 = "/openai/v1/chat/completions";
const dated = (deployment: string) => `/openai/deployments/${deployment}/chat/completions?api-version=2024-10-21`;

let server: CompletionsServer;
beforeAll(async () => {
  server = await completionsServer();
});
afterAll(() => server.close());

interface Post {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function post(path: string, { body = question("Why?"), headers = { "api-key": "key" } }: Post = {}): Promise<Response> {
  return fetch(new URL(path, server.baseURL), { method: "POST", headers, body: JSON.stringify(body) });
}

async function answer(path: string, body?: object): Promise<ChatCompletion> {
  const response = await post(path, body && { body });
  expect(response.status).toBe(200);
  return (await response.json()) as ChatCompletion;
}

test("the dated API and the v1 API accept a key or a bearer token", async () => {
  for (const path of [dated("d"), V1]) {
    for (const headers of [{ "api-key": "key" }, { authorization: "Bearer token" }]) {
      expect((await post(path, { headers })).status).toBe(200);
    }
    const refused = await post(path, { headers: { authorization: "Basic a2V5" } });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { code: "401" } });
  }
});

test("OpenAI's own path accepts no `api-key`", async () => {
  expect((await post("/v1/chat/completions")).status).toBe(401);
});

test("the dated API is not found without an `api-version`; the v1 API needs none", async () => {
  for (const query of ["", "?", "?api-version=", "?version=2024-10-21"]) {
    const refused = await post(`/openai/deployments/d/chat/completions${query}`);
    expect(refused.status).toBe(404);
    expect(await refused.json()).toEqual({ error: { code: "404", message: "Resource not found" } });
  }
  expect((await post(V1)).status).toBe(200);
});

test("the answer is OpenAI's, with the results of the content filter", async () => {
  const request = question("Why?", { n: 2 });
  const { choices, ...rest } = await complete(server, request);
  const filtered = await answer(V1, request);
  expect(responseErrors(filtered)).toEqual([]);
  expect(filtered).toEqual({
    ...rest,
    choices: choices.map((choice) => ({ ...choice, content_filter_results: categories })),
    ...results,
  });
});

test("a stream begins with the filter's results for the prompt, and each choice has its own", async () => {
  const text = await (await post(V1, { body: question("Why?", { stream: true }) })).text();
  const [first, ...chunks] = text
    .split("\n\n")
    .slice(0, -2)
    .map((event) => JSON.parse(event.replace("data: ", "")));
  expect(first).toEqual({ id: "", object: "", created: 0, model: "", choices: [], ...results });
  expect(chunks.length).toBeGreaterThan(10);
  for (const { choices, ...envelope } of chunks) {
    expect(choices).toMatchObject([{ content_filter_results: categories }]);
    expect(envelope).not.toHaveProperty("prompt_filter_results");
  }
});

test("the deployment is the model, whatever the body says; on the v1 API the body names it", async () => {
  const [one, other] = await Promise.all(["one", "other"].map((name) => answer(dated(name))));
  expect([one?.model, other?.model]).toEqual(["one", "other"]);
  expect(one?.choices[0]?.message.content).not.toBe(other?.choices[0]?.message.content);
  const { model: _, ...body } = question("Why?", { model: "one" }) as { model: string };
  expect(await answer(dated("one"), body)).toEqual(one);
  expect(await answer(V1, { ...body, model: "one" })).toEqual(one);
});

test("the record of a request has its path and query as sent", async () => {
  const path = dated("a%2Fb%20c");
  expect(await answer(path)).toMatchObject({ model: "a/b c" });
  expect(server.requests.at(-1)?.url).toBe(path);
});

test("faults are played there too, even for a request that would be refused", async () => {
  server.script([{ status: 429 }, { body: "busy" }]);
  expect((await post(dated("d"))).status).toBe(429);
  expect(await (await post("/openai/deployments/d/chat/completions")).text()).toBe("busy");
});

test("a deployment has no other path", async () => {
  const { calls } = server;
  for (const path of ["/openai/chat/completions", "/openai/deployments/d/embeddings", "/openai/v1", dated("a/b")]) {
    expect((await post(path)).status).toBe(404);
  }
  expect(server.calls).toBe(calls);
});
