import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { ChatRequest } from "@remem/core";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { openrouterProvider } from "../src/index.ts";

const request: ChatRequest = { model: "qwen/qwen3-32b", messages: [{ role: "user", content: "Why?" }] };
const context = { signal: new AbortController().signal };
let server: CompletionsServer;

beforeEach(async () => {
  server = await completionsServer();
  process.env = { OPENROUTER_BASE_URL: server.baseURL, OPENROUTER_API_KEY: "sk-or-v1-0123456789" };
});
afterEach(() => server.close());

test("it calls OpenRouter, or the address in its variable, with its key and title", async () => {
  process.env.OPENAI_ORG_ID = "org-of-openai";
  await openrouterProvider({ title: "Evaluation" }).generate(request, context);
  const [{ headers } = assert.fail()] = server.requests;
  assert.equal(headers.authorization, "Bearer sk-or-v1-0123456789");
  assert.equal(headers["x-openrouter-title"], "Evaluation");
  assert.equal(headers["openai-organization"], undefined);
  assert.equal(openrouterProvider().scope, server.baseURL);
  delete process.env.OPENROUTER_BASE_URL;
  assert.equal(openrouterProvider().scope, "https://openrouter.ai/api/v1");
});

test("a model that fails midway gives no answer, although its text came with a 200", async () => {
  const message = { role: "assistant", content: "Once upon a" };
  const error = { code: 502, message: "Provider returned error" };
  server.script([
    { body: { id: "gen-1", model: "m", created: 1, choices: [{ index: 0, finish_reason: "error", message, error }] } },
  ]);
  await assert.rejects(openrouterProvider().generate(request, context), {
    name: "ProviderError",
    status: 502,
    retryable: true,
  });
});

test("the first request reports a missing key, by option and variable", async () => {
  delete process.env.OPENROUTER_API_KEY;
  const provider = openrouterProvider();
  const expected = { code: "MISSING_CREDENTIALS", message: /`apiKey`.*OPENROUTER_API_KEY/ };
  await assert.rejects(provider.generate(request, context), expected);
});

test("a misspelt option is refused by name", () => {
  assert.throws(() => openrouterProvider({ apikey: "" } as object), { code: "INVALID_OPTION", message: /`apikey`/ });
});
