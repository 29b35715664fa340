import { validator } from "@remem/test-support/openapi";
import { describe, expect, test } from "vitest";
import { createChatAggregate } from "../../../src/chat/stream/aggregate.ts";
import { chatChunks } from "../../../src/chat/stream/chunks-of.ts";
import type { ChatCompletion } from "../../../src/index.ts";
import { completion } from "../../doubles.ts";
import { goldenStreams } from "../../golden/streams.ts";

function sumOf(chunks: Iterable<object>): ChatCompletion {
  const aggregate = createChatAggregate();
  for (const chunk of chunks) aggregate.add(chunk);
  return aggregate.answer();
}
const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: '{"x":1}' } });
const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const logprobs = { content: [{ token: "A", bytes: null, logprob: -0.1, top_logprobs: [] }], refusal: null };
const two = completion("one").choices[0]!;

const answers: ReadonlyArray<readonly [name: string, answer: ChatCompletion]> = [
  ...goldenStreams.flatMap(({ name, answer }) => (answer === null ? [] : [[name, answer] as const])),
  ["an empty text", completion("")],
  ["no text", completion(null, { refusal: null, annotations: [] })],
  ["tool calls", completion("So:", { tool_calls: [call("a"), call("b")] }, { finish_reason: "tool_calls" })],
  ["tool calls without ids", completion(null, { tool_calls: [1, 2].map(() => ({ function: { name: "f" } })) })],
  ["no tool calls", completion("Hi", { tool_calls: [] })],
  ["null for tool calls", completion("Hi", { tool_calls: null })],
  ["a legacy function call", completion(null, { function_call: { name: "f", arguments: "{}" } })],
  ["audio", completion(null, { audio: { id: "a", data: "UklGRg==", transcript: "Hi", expires_at: 1 } })],
  [
    "parts as content",
    completion(null, {
      content: [
        { type: "text", text: "Hi" },
        { type: "thinking", thinking: [] },
      ],
    }),
  ],
  ["reasoning in lists", completion("Hi", { reasoning: "Hm", reasoning_details: [{ type: "text", text: "Hm" }] })],
  ["log probabilities", completion("A", {}, { logprobs })],
  ["log probabilities of a refusal", completion(null, { refusal: "No" }, { logprobs: { content: null, refusal: [] } })],
  ["a choice without log probabilities", completion("A", {}, { logprobs: undefined })],
  ["two choices", { ...completion("one two"), choices: [two, { ...two, index: 1, finish_reason: "length" }] }],
  ["no usage", { ...completion("Hi"), usage: null }],
  ["unknown members", { ...completion("Hi", { vendor: { deep: [1, null] } }, { stop_reason: 7 }), citations: ["a"] }],
  ["spaces and emoji", completion(`  a\n\n b\u{1F600}\u{1F600} \ud800 ${"\u65e5".repeat(40)}`)],
];

describe.each([false, true])("the chunks of an answer add up to it, by word %s:", (byWord) => {
  test.each(answers)("%s", (_, answer) => {
    const plain = JSON.parse(JSON.stringify(answer)) as ChatCompletion;
    const chunks = JSON.parse(JSON.stringify([...chatChunks(plain, { byWord })])) as object[];
    expect(sumOf(chunks)).toEqual(plain);
    expect(plain).toEqual(JSON.parse(JSON.stringify(answer)));
  });
});

/** Answers of some servers, which OpenAI's document does not have. */
const undocumented = new Set(["null for tool calls", "parts as content"]);
const errorsIn = validator("CreateChatCompletionStreamResponse");

test.each(answers.filter(([name]) => !undocumented.has(name)))("the chunks are documented: %s", (_, answer) => {
  for (const byWord of [false, true]) {
    const chunks = JSON.parse(JSON.stringify([...chatChunks(answer, { byWord })])) as object[];
    expect(chunks.flatMap(errorsIn)).toEqual([]);
  }
});

test("each text and each call is one chunk, and the usage comes last", () => {
  const answer = completion("The answer.", { reasoning_content: "Hm, so.", tool_calls: [call("a"), call("b")] });
  const chunks = [...chatChunks({ ...answer, service_tier: "default", citations: ["c"] })];
  expect(chunks.map(({ choices: [choice], usage }) => choice?.delta ?? usage)).toEqual([
    { role: "assistant", reasoning_content: "", content: "" },
    { reasoning_content: "Hm, so." },
    { content: "The answer." },
    { tool_calls: [{ ...call("a"), index: 0 }] },
    { tool_calls: [{ ...call("b"), index: 1 }] },
    {},
    usage,
  ]);
  expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([
    null,
    null,
    null,
    null,
    null,
    "stop",
    undefined,
  ]);
  for (const { id, model, created, object, service_tier } of chunks) {
    expect([id, model, created]).toEqual([answer.id, answer.model, answer.created]);
    expect([object, service_tier]).toEqual(["chat.completion.chunk", "default"]);
  }
  expect(chunks.filter(({ citations }) => citations !== undefined)).toHaveLength(1);
});

test("by word, a text comes in pieces of a word each, and one without spaces in pieces of a dozen characters", () => {
  const textsOf = (text: string) =>
    [...chatChunks(completion(text), { byWord: true })].flatMap(({ choices: [choice] }) => choice?.delta.content || []);
  expect(textsOf("Name  a\nriver.")).toEqual(["Name  ", "a\n", "river."]);
  expect(textsOf("\u65e5".repeat(30)).map(({ length }) => length)).toEqual([12, 12, 6]);
});
