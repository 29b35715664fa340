import type { ChoiceText, JsonObject, MessageText } from "@remem/core";
import { describe, expect, test } from "vitest";
import { fetchSurfaces } from "../src/index.ts";

type Case = readonly [
  surface: string,
  request: JsonObject,
  answer: JsonObject,
  messages: readonly MessageText[],
  choices: readonly ChoiceText[],
];

const user = { role: "user", text: "Name a river." };
const schema = { type: "object", properties: {} };

const CASES: readonly Case[] = [
  [
    "messages",
    {
      model: "claude",
      system: [{ type: "text", text: "Be brief." }],
      messages: [
        { role: "user", content: "Name a river." },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Hm.", signature: "s" },
            { type: "text", text: "Let me look." },
            { type: "tool_use", id: "t", name: "look", input: { at: "France" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "Seine" }] },
            { type: "text", text: "Well?" },
            { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
          ],
        },
      ],
      tools: [{ name: "look", input_schema: schema }],
    },
    {
      role: "assistant",
      content: [
        { type: "text", text: "The " },
        { type: "text", text: "Seine" },
        { type: "tool_use", id: "u", name: "look", input: {} },
      ],
    },
    [
      { role: "system", text: "Be brief." },
      user,
      {
        role: "assistant",
        text: "Let me look.",
        reasoning: "Hm.",
        toolCalls: [{ name: "look", arguments: '{"at":"France"}' }],
      },
      { role: "tool", text: "Seine" },
      { role: "user", text: 'Well?\n{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}' },
    ],
    [{ role: "assistant", text: "The Seine", toolCalls: [{ name: "look", arguments: "{}" }] }],
  ],
  [
    "gemini",
    {
      model: "gemini",
      systemInstruction: { parts: [{ text: "Be brief." }] },
      contents: [
        { parts: [{ text: "Name a river." }] },
        { role: "model", parts: [{ functionCall: { name: "look", args: { at: "France" } } }] },
        { role: "user", parts: [{ functionResponse: { name: "look", response: { river: "Seine" } } }] },
      ],
    },
    {
      candidates: [
        {
          content: { role: "model", parts: [{ text: "Hm.", thought: true }, { text: "The " }, { text: "Seine" }] },
          finishReason: "STOP",
        },
        { finishReason: "OTHER" },
      ],
    },
    [
      { role: "system", text: "Be brief." },
      user,
      { role: "model", text: "", toolCalls: [{ name: "look", arguments: '{"at":"France"}' }] },
      { role: "tool", text: '{"river":"Seine"}' },
    ],
    [
      { role: "model", text: "The Seine", reasoning: "Hm.", finishReason: "STOP" },
      { role: "model", text: "", finishReason: "OTHER" },
    ],
  ],
  [
    "responses",
    {
      model: "gpt",
      instructions: "Be brief.",
      input: [
        { role: "user", content: [{ type: "input_text", text: "Name a river." }] },
        { type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }] },
        { type: "function_call", call_id: "c", name: "look", arguments: "{}" },
        { type: "function_call_output", call_id: "c", output: "Seine" },
      ],
    },
    {
      status: "completed",
      output: [
        { type: "reasoning", summary: [{ type: "summary_text", text: "So." }] },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Seine" }] },
        { type: "custom_tool_call", name: "grep", input: "x" },
      ],
    },
    [
      { role: "system", text: "Be brief." },
      user,
      { role: "assistant", text: "", reasoning: "Hm." },
      { role: "assistant", text: "", toolCalls: [{ name: "look", arguments: "{}" }] },
      { role: "tool", text: "Seine" },
    ],
    [{ role: "assistant", text: "Seine", reasoning: "So.", toolCalls: [{ name: "grep", arguments: "x" }] }],
  ],
  [
    "responses",
    { model: "gpt", input: "Name a river." },
    { status: "completed", output: [{ type: "message", content: [{ type: "refusal", refusal: "No." }] }] },
    [user],
    [{ role: "assistant", text: "No." }],
  ],
  [
    "ollama-chat",
    { model: "qwen", messages: [{ role: "user", content: "Name a river.", images: ["aGk="] }] },
    {
      message: {
        role: "assistant",
        content: "",
        thinking: "Hm.",
        tool_calls: [{ function: { name: "look", arguments: { at: "France" } } }],
      },
    },
    [{ role: "user", text: 'Name a river.\n{"images":["aGk="]}' }],
    [{ role: "assistant", text: "", reasoning: "Hm.", toolCalls: [{ name: "look", arguments: '{"at":"France"}' }] }],
  ],
  [
    "ollama-generate",
    { model: "qwen", system: "Be brief.", prompt: "Name a river." },
    { response: "Seine", thinking: "Hm." },
    [{ role: "system", text: "Be brief." }, user],
    [{ role: "assistant", text: "Seine", reasoning: "Hm." }],
  ],
  [
    "completions",
    { model: "gpt", prompt: ["Name a river.", "Name a lake."] },
    { choices: [{ text: "Seine", finish_reason: "stop" }, { text: "Como" }] },
    [user, { role: "user", text: "Name a lake." }],
    [
      { role: "assistant", text: "Seine", finishReason: "stop" },
      { role: "assistant", text: "Como" },
    ],
  ],
  [
    "embeddings",
    { model: "e", input: "Name a river." },
    { data: [{ embedding: [1, 0.5, 3] }] },
    [{ role: "input", text: "Name a river." }],
    [{ role: "embedding", text: "3 numbers: 1, 0.5, 3" }],
  ],
  [
    "embeddings",
    { model: "e", input: [1, 2, 3] },
    {
      data: [
        { embedding: Buffer.from(Float32Array.from({ length: 10 }, (_, at) => at / 4).buffer).toString("base64") },
      ],
    },
    [{ role: "input", text: "[1,2,3]" }],
    [{ role: "embedding", text: "10 numbers: 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, …" }],
  ],
  [
    "embeddings",
    { model: "e", prompt: "Name a river." },
    { embedding: [0.25, 2] },
    [{ role: "input", text: "Name a river." }],
    [{ role: "embedding", text: "2 numbers: 0.25, 2" }],
  ],
  [
    "ollama-embeddings",
    { model: "e", input: "Name a river." },
    { embeddings: [[1, 0.5]] },
    [{ role: "input", text: "Name a river." }],
    [{ role: "embedding", text: "2 numbers: 1, 0.5" }],
  ],
  [
    "gemini-embeddings",
    { model: "e", content: { parts: [{ text: "Name a river." }] } },
    { embedding: { values: [1, 0.5] } },
    [{ role: "input", text: "Name a river." }],
    [{ role: "embedding", text: "2 numbers: 1, 0.5" }],
  ],
  [
    "moderations",
    { input: ["Name a river.", "Or a lake."] },
    {
      results: [
        { flagged: true, categories: { violence: true, hate: false } },
        { flagged: false, categories: {} },
      ],
    },
    [
      { role: "input", text: "Name a river." },
      { role: "input", text: "Or a lake." },
    ],
    [
      { role: "moderation", text: "flagged: violence" },
      { role: "moderation", text: "not flagged" },
    ],
  ],
];

describe("requests and answers read as conversations:", () => {
  test.each(CASES)("%s", (name, request, answer, messages, choices) => {
    const { texts } = fetchSurfaces.find((surface) => surface.name === name)!;
    expect(texts!.messages(request)).toEqual(messages);
    expect(texts!.choices(answer)).toEqual(choices);
  });
});

test("every built-in surface but chat has texts, which @remem/inspect has", () => {
  const without = fetchSurfaces.filter(({ texts }) => texts === undefined).map(({ name }) => name);
  expect(without).toEqual(["chat"]);
});
