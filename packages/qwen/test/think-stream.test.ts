import { type ChatCompletion, type ChatCompletionChunk, chatChunks, createChatAggregate } from "@remem/core/plugin";
import { describe, expect, test } from "vitest";
import { withReasoning } from "../src/think-block.ts";
import { streamWithReasoning } from "../src/think-stream.ts";

const TEXTS = [
  "<think>\nhmm\n</think>\n\n42",
  "<think>hmm</think>42",
  "\n\n<think>\nhmm, so\n\nthen\n</think>\n\n42",
  "<think>\n\n</think>\n\n42",
  "<think>\nhmm",
  "<think>\nhmm </thi",
  "<think>\nhmm\n</think>\n\n",
  "<think>\nhmm\n</think>  ",
  "<think>a</think>\n\nThe end is `</think>`.",
  "<think>a < b </ c</think>\n\n    code\n\n",
  "hmm\n</think>\n\n42",
  "\n</think>\n\n42",
  "42",
  "  42",
  "Write <think>…</think>.",
  "The end is </think>, always.",
  "<thinking>hmm</thinking>42",
  "<thi",
  " \n ",
  "",
];

function chunk(delta: object, finish_reason: string | null = null, index = 0): ChatCompletionChunk {
  return { id: "1", model: "m", choices: [{ index, delta, finish_reason }] } as unknown as ChatCompletionChunk;
}
async function* streamOf(chunks: Iterable<ChatCompletionChunk>) {
  yield* chunks;
}
async function sumOf(chunks: AsyncIterable<object>): Promise<ChatCompletion> {
  const aggregate = createChatAggregate();
  for await (const one of chunks) aggregate.add(one);
  expect(aggregate.isComplete()).toBe(true);
  return aggregate.answer();
}

describe.each([true, false])(
  "a stream is split as the whole is, whatever its pieces; the model thinks: %s;",
  (thinks) => {
    test.each(TEXTS)("%j", async (text) => {
      for (let length = 1; length <= text.length + 1; length++) {
        const pieces = Array.from({ length: Math.ceil(text.length / length) }, (_, at) =>
          chunk({ content: text.slice(at * length, (at + 1) * length) }),
        );
        for (const last of [
          chunk({}, "stop"),
          chunk({ content: pieces.pop()?.choices[0]?.delta.content ?? "" }, "stop"),
        ]) {
          const chunks = [chunk({ role: "assistant", content: "" }), ...pieces, last];
          const whole = withReasoning(await sumOf(streamOf(chunks)), thinks);
          expect(await sumOf(streamWithReasoning(streamOf(chunks), thinks))).toEqual(whole);
        }
      }
    });
  },
);

test("thoughts in a block come as the model writes them", async () => {
  const deltas: unknown[] = [];
  const pieces = ["<think>", "\nLet", " me", " think", ".\n", "</think>", "\n\n", "4", "2"];
  for await (const { choices } of streamWithReasoning(streamOf(pieces.map((content) => chunk({ content }))), true)) {
    const { reasoning_content, content } = choices[0]!.delta;
    deltas.push(reasoning_content ?? content);
  }
  expect(deltas).toEqual(["", "Let", " me", " think", ".", "", "", "4", "2"]);
});

test("choices are split each on its own, and what a server has extracted itself is unchanged", async () => {
  const chunks = [
    chunk({ content: "<think>a" }),
    chunk({ reasoning: "hmm" }, null, 1),
    chunk({ content: "</think>b" }),
    chunk({ content: "<think>is a tag</think>" }, null, 1),
    chunk({ tool_calls: [] }, "stop"),
    chunk({ content: "." }, "stop", 1),
    { id: "1", choices: [], usage: null } as unknown as ChatCompletionChunk,
    { id: "1", choices: [{ index: 0 }] } as unknown as ChatCompletionChunk,
  ];
  const { choices } = await sumOf(streamWithReasoning(streamOf(chunks), true));
  expect(choices[0]?.message).toMatchObject({ content: "b", reasoning_content: "a" });
  expect(choices[1]?.message).toMatchObject({ content: "<think>is a tag</think>.", reasoning: "hmm" });
});

test("an answer with thoughts, replayed by word, stays as it is", async () => {
  const message = { role: "assistant", content: "42, that is.", reasoning_content: "hmm, so" };
  const choices = [{ index: 0, finish_reason: "stop", message }];
  const answer = { id: "1", object: "chat.completion", model: "m", created: 1, choices };
  expect(await sumOf(streamWithReasoning(streamOf(chatChunks(answer, { byWord: true })), true))).toEqual(answer);
});
