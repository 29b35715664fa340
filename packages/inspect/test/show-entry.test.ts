import { encodeEntry, memoryStore, putEntry } from "@remem/core";
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
    choices: [{ reasoning: "Let me see.", text: JSON.stringify({ tool_calls: message.tool_calls }) }],
  });
});
