import { encodeEntry, memoryStore, putEntry, type Surface } from "@remem/core";
import { describe, expect, test } from "vitest";
import { showEntry } from "../src/index.ts";
import { damage, put, STORES } from "./stores.ts";

describe.each(STORES)("over $title", ({ open }) => {
  test("an entry is shown with conversation, parameters, answer and what it was keyed by", async () => {
    const store = open();
    const key = await put(store, { question: "Hi", params: { temperature: 0 }, facts: { sample: 1 } });
    const details = await showEntry(store, key);
    expect(details).toMatchObject({
      kind: "entry",
      messages: [{ role: "user", text: "Hi" }],
      choices: [{ role: "assistant", text: "Hello", finishReason: "stop" }],
      parameters: { temperature: 0 },
      requestIs: "kept",
      facts: { sample: 1 },
      answer: { id: "1" },
    });
    expect(details?.raw).toMatch(/^remem\/1 .*\n\{.*\}\n\{.*"remem":\{"sample":1\}\}$/);
    expect(await showEntry(store, "unknown")).toBeUndefined();
  });

  test("an entry without its request is shown with its answer", async () => {
    const store = open();
    const details = await showEntry(store, await put(store, { keepsRequest: false }));
    expect(details).toMatchObject({
      requestIs: "left out",
      messages: undefined,
      response: "Hello",
      model: "gpt-4o-mini-2026",
    });
  });

  test("a damaged entry is shown with its text", async () => {
    const store = open();
    const key = await put(store);
    await damage(store, key, () => "?");
    expect(await showEntry(store, key)).toMatchObject({ kind: "damaged", raw: expect.stringMatching(/^\?/) });
  });
});

test("a request that its store has lost is told from one that was never kept", async () => {
  const store = memoryStore();
  const key = await put(store);
  await store.set(key, (await store.get(key))!);
  expect(await showEntry(store, key)).toMatchObject({ requestIs: "lost" });
});

test("reasoning, tool calls and parts that are no text are readable", async () => {
  const store = memoryStore();
  const picture = { type: "image_url", image_url: { url: "https://example.com/a.png" } };
  const message = {
    role: "assistant",
    content: null,
    reasoning_content: "Let me see.",
    refusal: null,
    tool_calls: [{ id: "t", type: "function", function: { name: "look", arguments: "{}" } }],
  };
  const entry = {
    key: "k",
    createdAt: 1,
    answer: { id: "", model: "m", created: 1, choices: [{ index: 0, finish_reason: "tool_calls", message }] },
    request: { model: "m", messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, picture] }] },
  };
  await putEntry(store, "k", encodeEntry(entry));
  expect(await showEntry(store, "k")).toMatchObject({
    messages: [{ role: "user", text: `What is this?\n${JSON.stringify(picture)}` }],
    choices: [{ reasoning: "Let me see.", text: "", toolCalls: [{ name: "look", arguments: "{}" }] }],
    response: "look({})",
  });
});

test("a surface shows its entries by its texts, and one that fails shows JSON", async () => {
  const store = memoryStore();
  const poems: Surface<object, object> = {
    specVersion: 1,
    name: "poems",
    unkeyed: new Set(),
    check() {},
    isAnswer: (value): value is object => typeof value === "object" && value !== null && "poem" in value,
    admit: () => true,
    texts: {
      said: ["wish"],
      messages: (request) => [{ role: "user", text: (request as { wish: string }).wish.trim() }],
      choices: (answer) => [{ role: "poet", text: (answer as { poem: string }).poem }],
    },
  };
  for (const [key, wish] of Object.entries({ a: " A river.", b: 7 })) {
    const request = { model: "m", wish, length: 3 };
    await putEntry(
      store,
      key,
      encodeEntry({ key, createdAt: 1, answer: { poem: "Flow." }, request, facts: { surface: "poems" } }),
    );
  }
  const options = { surfaces: [poems] };
  expect(await showEntry(store, "a", options)).toMatchObject({
    messages: [{ role: "user", text: "A river." }],
    choices: [{ role: "poet", text: "Flow." }],
    parameters: { length: 3 },
    prompt: "A river.",
    response: "Flow.",
  });
  const failed = await showEntry(store, "b", options);
  expect(failed).toMatchObject({
    messages: undefined,
    choices: undefined,
    parameters: { wish: 7, length: 3 },
    prompt: '{"model":"m","wish":7,"length":3}',
    response: '{"poem":"Flow."}',
  });
});

test("a request that says nothing is shown by its members", async () => {
  const store = memoryStore();
  const choices = [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hi" } }];
  const answer = { id: "", model: "m", created: 1, choices };
  await putEntry(store, "k", encodeEntry({ key: "k", createdAt: 1, answer, request: { model: "m", messages: {} } }));
  const details = await showEntry(store, "k");
  expect(details).toMatchObject({ prompt: '{"model":"m","messages":{}}', parameters: { messages: {} } });
});
